// A stamp says from what a step's output was made: SHA-256 over its inputs, its command, this Node.js and the steps below it.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildFolder } from './build-steps.mjs'
import { filesUnder } from './source-files.mjs'

const stampFile = `${buildFolder}/.stamps.json`

/** Digest of each wanted step and of all below it, by name, lowest first. */
export function digestsOf(root, steps, wanted) {
  const digests = {}
  const visit = (name) => {
    if (name in digests) return
    for (const below of steps[name].after) visit(below)
    digests[name] = digestOf(root, steps[name], digests)
  }
  for (const name of wanted) visit(name)
  return digests
}

function digestOf(root, step, digests) {
  const { modules } = process.versions
  const below = step.after.map((name) => digests[name])
  const hash = createHash('sha256')
  hash.update(JSON.stringify([step.command, modules, process.platform, process.arch, below]))
  for (const file of inputFilesOf(root, step)) {
    const content = readFileSync(join(root, file))
    hash.update(`\0${file}\0${content.byteLength}\0`).update(content)
  }
  return hash.digest('hex')
}

/** The input files that exist, sorted, relative to the repository. */
export function inputFilesOf(root, step) {
  const files = new Set()
  for (const input of step.inputs) {
    if (typeof input === 'string') {
      if (existsSync(join(root, input))) files.add(input)
      continue
    }
    const [folder, pattern] = input
    for (const file of filesUnder(root, folder)) if (pattern.test(file)) files.add(file)
  }
  return [...files].sort()
}

/** True where the step was finished with this digest and its output is still there. */
export function isCurrent(root, step, digest, stamp) {
  return stamp === digest && step.outputs.every((output) => existsSync(join(root, output)))
}

/** What was written last; nothing where there is no readable file. */
export function readStamps(root) {
  try {
    return JSON.parse(readFileSync(join(root, stampFile), 'utf8'))
  } catch {
    return {}
  }
}

/** Call only with the build lock held. `undefined` forgets the step. */
export function writeStamp(root, name, digest) {
  const file = join(root, stampFile)
  mkdirSync(dirname(file), { recursive: true })
  const text = JSON.stringify({ ...readStamps(root), [name]: digest }, null, 2)
  writeFileSync(`${file}.new`, `${text}\n`)
  renameSync(`${file}.new`, file)
}
