// Both verifiers as people call them: as built, and from the documents.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../server/project-root.ts'
import { checkpointOf, eventTexts, forge, signer } from '../support/forged-bundle.ts'
import { requireProgram } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const python = requireProgram({ names: ['python3'], install: 'apt-get install -y python3' })

function run(program: string, args: string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

async function bundleIn(folder: string) {
  const own = signer()
  const events = eventTexts(20)
  const bundle = await forge({ events, keys: [{ signer: own }] })
  const file = (name: string, content: Buffer | string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const changed = Buffer.from(bundle.toString('latin1').replace('"seq":7', '"seq":8'), 'latin1')
  return {
    key: own.key.text,
    bundle: file('bundle.tar', bundle),
    changed: file('changed.tar', changed),
    held: file('held', checkpointOf(events, 9, own)),
    later: file('later', checkpointOf(eventTexts(21), 21, own)),
  }
}

async function expectAnswers(verify: (...args: string[]) => ReturnType<typeof run>) {
  const { key, bundle, changed, held, later } = await bundleIn(temporaryFolder())
  const proven = await verify(bundle, '--key', key, '--since', held)
  expect(proven).toMatchObject({ exitCode: 0, output: expect.stringContaining('PROVEN') })
  expect(proven.output).toContain(key)
  const tampered = await verify(changed)
  expect(tampered).toMatchObject({ exitCode: 1, output: expect.stringContaining('TAMPERED') })
  expect(tampered.output).toContain('The first bad event is 7.')
  const wrong = [
    [],
    ['--what', bundle],
    [bundle, bundle],
    [bundle, '--key', 'none'],
    [bundle, '--since', `${held}s`],
    [bundle, '--since', bundle],
    [bundle, '--since', later],
    [held],
  ]
  const answers = await Promise.all(wrong.map((args) => verify(...args)))
  for (const answer of answers) {
    expect(answer).toMatchObject({ exitCode: 2, output: expect.stringContaining('CANNOT TELL') })
  }
}

test('npx pinlab audit verify', async () => {
  const command = join(projectRoot, 'scripts/pinlab.mjs')
  await expectAnswers((...args) => run('node', [command, 'audit', 'verify', ...args]))
  expect((await run('node', [command, 'audit', 'what'])).exitCode).toBe(2)
}, 120_000)

test('the built verifier runs without any package', async () => {
  const folder = temporaryFolder()
  const built = join(projectRoot, 'dist/server')
  mkdirSync(join(folder, 'alone'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const name of ['audit-verify.js', 'assets']) {
    cpSync(join(built, name), join(folder, 'alone', name), { recursive: true })
  }
  const { bundle } = await bundleIn(folder)
  const entry = JSON.stringify(join(folder, 'alone/audit-verify.js'))
  const script = `process.exitCode = (await import(${entry})).verify([${JSON.stringify(bundle)}]).exitCode`
  const { exitCode, output } = await run('node', ['--input-type=module', '--eval', script])
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: '' })
})

test.skipIf(python === null)(
  'docs/audit-verify.py',
  async () => {
    const verifier = join(projectRoot, 'docs/audit-verify.py')
    await expectAnswers((...args) => run('python3', [verifier, ...args]))
  },
  120_000,
)
