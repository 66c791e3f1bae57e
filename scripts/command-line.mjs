// The commands of `npx pinlab`. Nothing may be installed yet when this is read.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

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
  const built = ['../dist/server/main.js', '../native/build/Release/pinlab.node']
  if (!built.every((path) => existsSync(fileURLToPath(new URL(path, import.meta.url))))) {
    return fail('Pinlab is not built yet. Run `npm run build` (or `npm start`) once.')
  }
  await import('./sqlite-binding.mjs')
  const main = await import(new URL('../dist/server/main.js', import.meta.url).href)
  try {
    await main.doctor({ json: options.includes('--json') })
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
