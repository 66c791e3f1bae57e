import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const script = join(import.meta.dirname, '../../scripts/check-files.mjs')
const lines = (count: number) => '// line\n'.repeat(count)

function check(files: Record<string, string>) {
  const tree = mkdtempSync(join(tmpdir(), 'pinlab-files-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), content)
    }
    const { status, stdout } = spawnSync(process.execPath, [script, tree], { encoding: 'utf8' })
    return { status, complaints: stdout.split('\n').filter(Boolean) }
  } finally {
    rmSync(tree, { recursive: true })
  }
}

test('a file of 300 lines passes, one of 301 needs a reason near its top', () => {
  expect(check({ 'server/a.ts': lines(300) }).status).toBe(0)
  expect(check({ 'native/core/a.cc': lines(301) }).status).toBe(1)
  expect(check({ 'web/a.css': `/* Long because: one theme */\n${lines(300)}` }).status).toBe(0)
  expect(check({ 'web/a.css': `${lines(300)}/* Long because: too late */\n` }).status).toBe(1)
})

test.each([
  'server/utils/a.ts',
  'server/live/live-helpers.ts',
  'web/views/LockManager.svelte',
  'native/core/common.h',
])('%s does not say what it is for', (path) => {
  expect(check({ [path]: '' })).toMatchObject({ status: 1, complaints: [expect.any(String)] })
})

test('what tools made is not looked at', () => {
  const made = { 'prisma/generated/utils.ts': '', 'native/build/common.h': lines(400) }
  expect(check({ ...made, 'server/a.ts': '' })).toEqual({ status: 0, complaints: [] })
})
