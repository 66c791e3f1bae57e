// `npx pinlab backup`, `backup verify` and `restore` as people run them, beside a server that runs.

import { execFile } from 'node:child_process'
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../../server/project-root.ts'
import { startBuiltServer } from '../support/built-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Exit code, and all that it said. */
function pinlab(...words: string[]): Promise<{ code: number; said: string }> {
  const script = join(projectRoot, 'scripts', 'pinlab.mjs')
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...words], (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, said: out + err }),
    )
  })
}

/** Nine programs start one after the other. */
const patience = { timeout: 300_000 }

it('a lab is backed up while it runs, checked, and restored after its end', patience, async () => {
  const dataFolder = temporaryFolder()
  const folder = join(temporaryFolder(), 'copy')
  const server = await startBuiltServer({ dataFolder })
  expect(await pinlab('backup', folder, '--data', dataFolder)).toMatchObject({ code: 0 })
  expect(existsSync(join(folder, 'audit', 'signing-key'))).toBe(false)
  expect(await pinlab('backup', folder, '--data', dataFolder)).toMatchObject({
    code: 2,
    said: expect.stringContaining('PINLAB_BACKUP_REFUSED'),
  })
  expect(await pinlab('backup', 'verify', folder)).toMatchObject({ code: 0 })
  const restore = () => pinlab('restore', folder, '--data', dataFolder)
  expect(await restore()).toMatchObject({
    code: 2,
    said: expect.stringContaining('PINLAB_START_DATABASE_IN_USE'),
  })
  await server.kill('SIGTERM')
  expect(await restore()).toMatchObject({
    code: 0,
    said: expect.stringContaining('before-restore-'),
  })
  const again = await startBuiltServer({ dataFolder })
  const { damage } = await again.api<{ damage: { type: string }[] }>('/audit/checkpoint')
  expect(damage.map(({ type }) => type)).toEqual(['audit.rolled-back'])
  appendFileSync(join(folder, 'pinlab.db'), 'x')
  expect(await pinlab('backup', 'verify', folder)).toMatchObject({ code: 1 })
})

it.each(['backup', 'backup one two', 'backup verify', 'restore --what'])(
  '%s says how it is used',
  async (words) => {
    expect(await pinlab(...words.split(' '))).toMatchObject({
      code: 2,
      said: expect.stringContaining('Usage:'),
    })
  },
)
