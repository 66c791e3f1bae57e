// docs/drivers.md says what became of each WinDriver function and option; every row is tested.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { dmaOptions } from '../../server/contract/dma-options.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A row begins with WinDriver's name in code; other tables of the page do not. */
const rows = readFileSync(join(root, 'docs', 'drivers.md'), 'utf8')
  .split('\n')
  .map((line) => line.match(/^\| `([A-Z]+_\w+)` \|.*\| (yes|no|WD_NOT_IMPLEMENTED) \|.*\|$/))
  .flatMap((match) => (match?.[1] ? [match[1]] : []))

const sources = ['native', 'contract'].flatMap((folder) => {
  const files = readdirSync(join(root, 'tests', folder)).filter((name) => name.endsWith('.ts'))
  return files.map((name) => readFileSync(join(root, 'tests', folder, name), 'utf8'))
})
const tags = new Set(
  sources.flatMap((source) =>
    [...source.matchAll(/\[((?:WD|DMA|CMD|RM|WM|RP|WP)_\w+)\]/g)].map((found) => found[1]),
  ),
)

test.each(rows)('%s has a test', (name) => {
  expect(tags).toContain(name)
})

test('what tests name is in the table', () => {
  expect([...tags].filter((tag) => !rows.includes(tag ?? ''))).toEqual([])
})

test('every option is in the table, and nothing twice', () => {
  expect(rows).toEqual(expect.arrayContaining(Object.keys(dmaOptions).map((name) => `DMA_${name}`)))
  expect(new Set(rows).size).toBe(rows.length)
})

test('a line that begins like a row is one', () => {
  const lines = readFileSync(join(root, 'docs', 'drivers.md'), 'utf8').split('\n')
  expect(lines.filter((line) => line.startsWith('| `'))).toHaveLength(rows.length)
})
