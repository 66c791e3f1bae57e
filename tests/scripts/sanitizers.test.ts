import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  clearReports,
  countReports,
  judgeReports,
  readReports,
  sanitizedNodeEnvironment,
  sanitizerEnvironment,
} from '../../scripts/sanitizers.mjs'

let tree: string
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'pinlab-sanitizers-'))
  clearReports(tree)
})
afterEach(() => rmSync(tree, { recursive: true }))

/** As the runtime does it: the path that it was told, and the process id. */
function report(options: string | undefined, pid: number, text: string) {
  const path = /log_path=([^:]+)/.exec(options ?? '')?.[1]
  writeFileSync(`${path}.${pid}`, text)
}

test('every report counts as a failure and is shown', () => {
  const shown = vi.spyOn(console, 'log').mockImplementation(() => {})
  const { ASAN_OPTIONS, UBSAN_OPTIONS, TSAN_OPTIONS } = sanitizerEnvironment(tree)
  expect(countReports(tree)).toEqual({ failed: 0, failures: [] })
  report(ASAN_OPTIONS, 100, 'heap-buffer-overflow')
  report(ASAN_OPTIONS, 101, 'heap-use-after-free')
  report(UBSAN_OPTIONS, 102, 'double-free')
  report(TSAN_OPTIONS, 100, 'data race')
  expect(countReports(tree)).toMatchObject({ failed: 4, failures: { length: 4 } })
  const text = shown.mock.calls.flat().join('\n')
  shown.mockRestore()
  for (const found of ['heap-buffer-overflow', 'heap-use-after-free', 'double-free', 'data race']) {
    expect(text).toContain(found)
  }
})

test('what an earlier run has reported is forgotten', () => {
  report(sanitizerEnvironment(tree).ASAN_OPTIONS, 100, 'heap-buffer-overflow')
  clearReports(tree)
  expect(readReports(tree)).toEqual([])
})

test('a program passes when it ends well and nothing is reported', () => {
  expect(judgeReports({ exitCode: 0, output: '', reports: [] })).toBeUndefined()
  expect(judgeReports({ exitCode: 1, output: '', reports: [] })).toBeDefined()
  expect(judgeReports({ exitCode: 0, output: '', reports: ['data race'] })).toBeDefined()
})

test('a planted mistake passes only when it ends the program and is reported as what it is', () => {
  const expected = /data race/
  expect(
    judgeReports({ exitCode: 66, output: '', reports: ['data race'], expected }),
  ).toBeUndefined()
  expect(judgeReports({ exitCode: 66, output: '', reports: ['deadlock'], expected })).toBeDefined()
  expect(judgeReports({ exitCode: 66, output: '', reports: [], expected })).toBeDefined()
  expect(judgeReports({ exitCode: 0, output: '', reports: ['data race'], expected })).toBeDefined()
  expect(judgeReports({ exitCode: 1, output: 'data race', reports: [], expected })).toBeUndefined()
})

test('Node.js gets the runtime before all else, and is not searched for leaks', () => {
  const environment = sanitizedNodeEnvironment(tree)
  expect(environment.LD_PRELOAD).toMatch(/libasan\.so.* .*libubsan\.so/)
  expect(environment.ASAN_OPTIONS).toContain('detect_leaks=0')
  expect(sanitizerEnvironment(tree).ASAN_OPTIONS).toContain('detect_leaks=1')
})
