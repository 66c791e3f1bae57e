// `npm run soak`: kills the process that drives a board in mid-transfer, twenty times on each board of the guest, and looks whether
// anything of that reaches the memory of the next one. `npm run soak -- record`: kills the server under load, 500 times, and looks
// whether the record is what was acknowledged. Last argument: how many times instead.

import './sqlite-binding.mjs'
import { build, root } from './build.mjs'

const soaks = {
  boards: { module: './tests/hardware/soak/soak.ts', kills: 20 },
  record: { module: './tests/e2e/killed-record/kill-loop.ts', kills: 500 },
}

const words = process.argv.slice(2)
const soak = soaks[words[0] === 'record' ? words.shift() : 'boards']
const kills = Number(words[0] ?? soak.kills)
if (words.length > 1 || !Number.isInteger(kills) || kills < 1) {
  console.error('Say how many times: npm run soak -- 50, or npm run soak -- record 50')
  process.exit(2)
}
if ((await build()) === undefined) process.exit(1)
// Written in TypeScript, like the tests; vite reads that.
const { runnerImport } = await import('vite')
const { module } = await runnerImport(soak.module, { root, configFile: false })
process.exit(await module.runSoak(kills))
