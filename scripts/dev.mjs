// `npm run dev`: the server, rebuilt and restarted when its sources change, beside vite's server for the pages.

import { build, root } from './build.mjs'
import { steps } from './build-steps.mjs'
import { endChildrenOnSignal, startStaying } from './child-process.mjs'
import { outdatedSteps } from './run-steps.mjs'
import { digestsOf } from './stamps.mjs'

const wanted = ['addon', 'server']
// Looking at every input costs some 10 ms, and unlike a file watcher it cannot miss a change.
const lookEveryMs = 700

if ((await build(wanted)) === undefined) process.exit(1)
endChildrenOnSignal()
const startServer = () => startStaying(['node', 'scripts/serve-built.mjs'], { root })
let server = startServer()
const vite = ['node', 'node_modules/vite/bin/vite.js', '--config', 'web/vite.config.ts']
const environment = { PINLAB_DEV_API: `http://127.0.0.1:${process.env.PINLAB_PORT ?? 8080}` }
startStaying(vite, { root, environment }).ended.then((exitCode) => process.exit(exitCode))

for (let attempted = ''; ; ) {
  await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  if (outdatedSteps(root, steps, wanted).length === 0) continue
  const sources = JSON.stringify(digestsOf(root, steps, wanted))
  // A build that failed is not tried again until something changes.
  if (sources === attempted) continue
  attempted = sources
  await server.stop()
  if (await build(wanted)) server = startServer()
}
