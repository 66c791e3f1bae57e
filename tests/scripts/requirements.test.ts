import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import {
  RequirementError,
  requireBuildTools,
  requireLinux,
  requireNpm,
} from '../../scripts/requirements.mjs'
import { requireProgram } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
afterEach(() => vi.unstubAllEnvs())

test('a machine without Linux is refused', () => {
  expect(() => requireLinux('darwin')).toThrow(RequirementError)
  expect(() => requireLinux('linux')).not.toThrow()
})

test('missing tools are named together with how to install them', () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('CXX', undefined)
  expect(requireBuildTools).toThrow('apt-get install -y g++ make python3')
  expect(requireNpm).toThrow('apt-get install -y npm')
})

test('a compiler named by CXX counts', () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('CXX', '/opt/compiler')
  expect(requireBuildTools).toThrow('apt-get install -y make python3')
})

test.each(['start', 'test'])('npm %s refuses an old Node.js in one sentence', (name) => {
  const program = `Object.defineProperty(process, 'versions', { value: { node: '18.19.0' } })
    import('./scripts/${name}.mjs')`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^Pinlab needs Node\.js 20\.19 or newer and this is 18\.19\.0: .*\n$/)
})

test.each([
  ['24.20.0', 1, /^Pinlab needs better-sqlite3-13 on Node\.js 24 .*npm ci/],
  ['20.19.0', 0, /^$/],
])('where better-sqlite3 13 is not installed, Node.js %s ends with %s', (node, status, says) => {
  const folder = temporaryFolder()
  copyFileSync(join(root, 'scripts/sqlite-binding.mjs'), join(folder, 'sqlite-binding.mjs'))
  const program = `Object.defineProperty(process, 'versions', { value: { node: '${node}' } })
    import('./sqlite-binding.mjs')`
  const ended = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' })
  expect(ended).toMatchObject({ status, stderr: expect.stringMatching(says) })
})

test('a program that a suite needs and lacks is a reason to skip', () => {
  vi.stubEnv('CI', undefined)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(requireProgram({ names: ['no-such-program'], install: 'apt-get …' })).toBe(null)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('no-such-program'))
  expect(requireProgram({ names: ['no-such-program', 'sh'], install: '' })).toMatch(/\/sh$/)
})

test('in CI it is a failure', () => {
  vi.stubEnv('CI', 'true')
  expect(() => requireProgram({ names: ['no-such-program'], install: '' })).toThrow()
})
