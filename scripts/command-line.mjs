// The commands of `npx pinlab`. Nothing may be installed yet when this is read.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const commands = {
  serve: {
    says: 'build what is out of date and serve, as `npm start` does',
    run: () => import('./build-and-serve.mjs'),
  },
  doctor: {
    says: 'what the host and its boards lack, and what mends it (--json)',
    run: doctor,
  },
  audit: {
    says: 'verify <bundle>: whether an export of the record is as it was recorded (--key, --since)',
    run: audit,
  },
  backup: {
    says: 'copy the lab to a new folder, also while it runs (--with-key, --data DIR); `backup verify FOLDER` checks one',
    run: backup,
  },
  restore: {
    says: 'put a backup in place of what the data folder holds (--data DIR)',
    run: restore,
  },
}

/** A command that cannot do its work; 1 is for a doctor, or a verifier, who found something. */
const cannot = 2

const [name = '', ...rest] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command) await command.run(rest)
else explain(name)

function explain(asked) {
  const isQuestion = ['', 'help', '--help', '-h'].includes(asked)
  const lines = Object.entries(commands).map(([one, { says }]) => `  ${one.padEnd(8)} ${says}`)
  const text = ['Usage: npx pinlab <command>', '', ...lines, ''].join('\n')
  if (isQuestion) {
    process.stdout.write(text)
  } else {
    process.stderr.write(`pinlab has no command "${asked}".\n\n${text}`)
    process.exitCode = cannot
  }
}

async function doctor(options) {
  const unknown = options.find((option) => option !== '--json')
  if (unknown !== undefined) return fail(`pinlab doctor has no option "${unknown}", only --json.`)
  await runBuilt((main) => main.doctor({ json: options.includes('--json') }))
}

async function backup(words) {
  if (words[0] === 'verify') {
    const asked = folderAnd(words.slice(1), {})
    if (!asked) return fail('Usage: npx pinlab backup verify <folder>')
    return runBuilt((main) => main.verifyBackup({ folder: asked.folder }))
  }
  const asked = folderAnd(words, { data: { type: 'string' }, 'with-key': { type: 'boolean' } })
  if (!asked) return fail('Usage: npx pinlab backup <new folder> [--with-key] [--data DIR]')
  const { folder, data, 'with-key': withKey = false } = asked
  await runBuilt((main) => main.backup({ folder, data, withKey }))
}

async function restore(words) {
  const asked = folderAnd(words, { data: { type: 'string' } })
  if (!asked) return fail('Usage: npx pinlab restore <folder of a backup> [--data DIR]')
  const { folder, data } = asked
  await runBuilt((main) => main.restore({ folder, data }))
}

/** One folder and these options, or null. */
function folderAnd(words, options) {
  try {
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true })
    const [folder, ...more] = positionals
    return folder && more.length === 0 ? { folder, ...values } : null
  } catch {
    return null
  }
}

/** Runs something of the built server. A refusal is said in one line. */
async function runBuilt(work) {
  const built = ['../dist/server/main.js', '../native/build/Release/pinlab.node']
  if (!built.every((path) => existsSync(fileURLToPath(new URL(path, import.meta.url))))) {
    return fail('Pinlab is not built yet. Run `npm run build` (or `npm start`) once.')
  }
  await import('./sqlite-binding.mjs')
  const main = await import(new URL('../dist/server/main.js', import.meta.url).href)
  try {
    await work(main)
  } catch (error) {
    if (typeof error.code !== 'string' || !error.code.startsWith('PINLAB_')) throw error
    fail(`${error.title}: ${error.message} (${error.code})`)
  }
}

/** Runs without the server's packages and without the addon. */
async function audit([what, ...args]) {
  if (what !== 'verify') return fail(`pinlab audit has no "${what ?? ''}", only verify.`)
  const verifier = new URL('../dist/server/audit-verify.js', import.meta.url)
  if (!existsSync(fileURLToPath(verifier))) {
    return fail('Pinlab is not built yet. Run `npm run build` (or `npm start`) once.')
  }
  const { verify } = await import(verifier.href)
  const { exitCode, text } = verify(args)
  const stream = exitCode === cannot ? process.stderr : process.stdout
  stream.write(text)
  process.exitCode = exitCode
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exitCode = cannot
}
