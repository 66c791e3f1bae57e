// `npm run soak`: kills the process that drives a board in mid-transfer, twenty times on each board of the guest, and looks whether
// anything of that reaches the memory of the next one. Argument: how many times instead.

import { build, root } from './build.mjs'

const kills = Number(process.argv[2] ?? 20)
if (!Number.isInteger(kills) || kills < 1) {
  console.error('Say how many times: npm run soak -- 50')
  process.exit(2)
}
if ((await build()) === undefined) process.exit(1)
// Written in TypeScript, like the tests; vite reads that.
const { runnerImport } = await import('vite')
const { module } = await runnerImport('./tests/hardware/soak/soak.ts', { root, configFile: false })
process.exit(await module.runSoak(kills))
