// Holds two habits: a name says what a file is for, and a long file says why it is long. Argument: the folder to look in.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder } from './source-files.mjs'

const folders = ['server', 'web', 'native', 'prisma', 'scripts', 'tests', 'bench']
const sources = /\.(ts|mjs|cjs|svelte|css|cc|cpp|h)$/
const lineLimit = 300
const reason = 'Long because:'
const reasonWithinLines = 15
const namesThatSayNothing = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'manager',
  'managers',
])

const root = process.argv[2] ?? '.'
const complaints = folders
  .flatMap((folder) => filesUnder(root, folder))
  .filter((path) => sources.test(path))
  .flatMap((path) => [...complaintsAboutName(path), ...complaintsAboutLength(path)])

for (const complaint of complaints) console.log(complaint)
process.exit(complaints.length === 0 ? 0 : 1)

function complaintsAboutName(path) {
  const words = path
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return words
    .filter((word) => namesThatSayNothing.has(word))
    .map((word) => `${path}: "${word}" does not say what it is for`)
}

function complaintsAboutLength(path) {
  const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n')
  if (lines.length <= lineLimit) return []
  if (lines.slice(0, reasonWithinLines).some((line) => line.includes(reason))) return []
  return [
    `${path}: ${lines.length} lines, more than ${lineLimit}: split it, or begin it with a comment "${reason} …"`,
  ]
}
