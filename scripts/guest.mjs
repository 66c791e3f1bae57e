// `npm run guest -- <command>`: builds, boots a virtual machine with three boards and runs the command there, in the project's folder.

import { build, root } from './build.mjs'

const command = process.argv.slice(2).join(' ')
if (command === '') {
  console.error('Say what to run: npm run guest -- node --version')
  process.exit(2)
}
if ((await build()) === undefined) process.exit(1)
// The guest is written in TypeScript, like the tests that use it; vite reads that.
const { runnerImport } = await import('vite')
const { module } = await runnerImport('./tests/hardware/guest/run.ts', { root, configFile: false })
process.exit(await module.runInGuest(command))
