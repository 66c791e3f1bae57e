// docs/drivers.md says what became of each WinDriver function, option and status; every row is tested.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { wdStatusName, wdStatusText } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

type Verdict = 'yes' | 'no' | 'WD_NOT_IMPLEMENTED' | 'never'
interface Row {
  name: string
  cells: string[]
  verdict: Verdict
}

/** A row begins with WinDriver's name in code; other tables of the page do not. */
const lines = readFileSync(join(root, 'docs', 'drivers.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))

const rows = lines.map((line): Row => {
  const [name = '', ...cells] = line
    .slice(1, -1)
    .split(' | ')
    .map((cell) => cell.replace(/^\| |`/g, '').trim())
  const verdict = cells.at(-2) as Verdict
  return { name, cells, verdict }
})
const names = rows.map(({ name }) => name)
/** Those of statuses have their number and text. */
const statuses = rows.filter(({ cells }) => /^0x[0-9A-F]{8}$/.test(cells[0] ?? ''))
const options = rows.filter(({ name }) => name.startsWith('DMA_'))

function sourcesBelow(folder: string, ending: RegExp): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => ending.test(file) && !file.startsWith('build'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
}

const tests = ['tests/native', 'tests/contract', 'tests/server/drivers'].flatMap((folder) =>
  sourcesBelow(folder, /\.ts$/),
)
const tags = new Set(
  tests.flatMap((source) =>
    [...source.matchAll(/\[((?:WD|DMA|CMD|RM|WM|RP|WP)_\w+)\]/g)].map((found) => found[1] ?? ''),
  ),
)

/** Statuses that our code can answer: by name in TypeScript, by enumerator in C++. */
function answeredStatuses(): Set<string> {
  const known = new Set(statuses.map(({ name }) => name))
  const typescript = [...sourcesBelow('native', /\.ts$/), ...sourcesBelow('server', /\.ts$/)]
  const byName = typescript.flatMap((source) => source.match(/\bWD_[A-Z_0-9]+\b/g) ?? [])
  const cpp = sourcesBelow('native', /\.(cpp|h)$/).join('\n')
  const byEnumerator = [...cpp.matchAll(/\bStatus::(\w+)/g)].map(
    ([, enumerator = '']) => `WD_${enumerator.toUpperCase()}`,
  )
  return new Set([...byName, ...byEnumerator].filter((name) => known.has(name)))
}

test('each row says what became of it, in so many cells', () => {
  expect(rows.length).toBeGreaterThan(90)
  expect(new Set(names).size).toBe(rows.length)
  for (const { name, cells, verdict } of rows) {
    expect(name).toMatch(/^[A-Z]+_\w+$/)
    const isStatus = statuses.some((row) => row.name === name)
    expect(isStatus ? ['yes', 'never'] : ['yes', 'no', 'WD_NOT_IMPLEMENTED']).toContain(verdict)
    // A reason stands beside what is not simply so.
    if (verdict !== 'yes') expect(cells.at(-1), name).not.toBe('')
  }
})

const tested = rows.filter(({ verdict }) => verdict !== 'never').map(({ name }) => name)

test.each(tested)('%s has a test', (name) => {
  expect(tags).toContain(name)
})

test('what tests name is in the table, and not as never answered', () => {
  expect([...tags].filter((tag) => !tested.includes(tag))).toEqual([])
})

test('every option is in the table with its number', () => {
  const both = dmaOptions.FROM_DEVICE | dmaOptions.TO_DEVICE
  const aliases = {
    TO_FROM_DEVICE: both,
    READ_FROM_DEVICE: dmaOptions.FROM_DEVICE,
    WRITE_TO_DEVICE: dmaOptions.TO_DEVICE,
  }
  const numbers = Object.entries({ ...dmaOptions, ...aliases }).map(
    ([name, number]) => `DMA_${name} 0x${number.toString(16).toUpperCase()}`,
  )
  expect(options.map(({ name, cells }) => `${name} ${cells[0]}`).sort()).toEqual(numbers.sort())
})

describe('statuses', () => {
  const list = [0, 0xffff_ffff, ...Array.from({ length: 0x24 }, (_, i) => 0x2000_0000 + i)]
  const moreProcessingRequired = 0xc000_0016

  test("all of WinDriver's are in the table, and no others", () => {
    const numbers = statuses.map(({ cells }) => Number(cells[0]))
    const all = [...list, moreProcessingRequired]
    expect(numbers.sort((a, b) => a - b)).toEqual(all.sort((a, b) => a - b))
    for (const unknown of [1, 0x1fff_ffff, 0x2000_0024, 0xc000_0017]) {
      expect(wdStatusName(unknown)).toBe('WD_UNRECOGNIZED')
      expect(wdStatusText(unknown)).toBe('Unrecognized error code')
    }
  })

  const known = statuses.map(({ name, cells: [number, text] }) => [name, number, text] as const)
  test.each(known)('%s is known by its number', (name, number, text) => {
    expect(wdStatusName(Number(number))).toBe(name)
    expect(wdStatusText(Number(number))).toBe(text)
  })

  test('none that our code can answer is said never to be answered', () => {
    const never = statuses.filter(({ verdict }) => verdict === 'never').map(({ name }) => name)
    const answered = answeredStatuses()
    expect(answered.size).toBeGreaterThan(10)
    expect(never.filter((name) => answered.has(name))).toEqual([])
  })
})
