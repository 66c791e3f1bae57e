// `npm run soak`: kills the process that drives a board in mid-transfer, twenty times on each board of the guest, and looks whether
// anything of that reaches the memory of the next one. `npm run soak -- record`: kills the server under load, 500 times, and looks
// whether the record is what was acknowledged. `npm run soak -- live`: streams into a page for 60 minutes, and looks whether its heap or
// the server's grows. Last argument: how many times or minutes instead.

import './sqlite-binding.mjs'
import { build, root } from './build.mjs'

const soaks = {
  boards: { module: './tests/hardware/soak/soak.ts', usual: 20 },
  record: { module: './tests/e2e/killed-record/kill-loop.ts', usual: 500 },
  live: { module: './tests/e2e/live-soak/live-soak.ts', usual: 60 },
}

const words = process.argv.slice(2)
const soak = soaks[words[0] in soaks ? words.shift() : 'boards']
const count = Number(words[0] ?? soak.usual)
if (words.length > 1 || !Number.isInteger(count) || count < 1) {
  console.error(
    'Say how many times, or minutes: npm run soak -- 50, npm run soak -- record 50, or npm run soak -- live 10',
  )
  process.exit(2)
}
if ((await build()) === undefined) process.exit(1)
// Written in TypeScript, like the tests; vite reads that.
const { runnerImport } = await import('vite')
const { module } = await runnerImport(soak.module, { root, configFile: false })
process.exit(await module.runSoak(count))
