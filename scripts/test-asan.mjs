// `npm run test:asan`: the native layer under the sanitizers. Arguments go to vitest and leave out the programs without Node.js.

import './node-version.mjs'
import { root } from './build.mjs'
import { endChildrenOnSignal } from './child-process.mjs'
import { runSanitized } from './run-sanitized.mjs'
import { endWithTotal } from './test-report.mjs'

endWithTotal(async (add) => {
  endChildrenOnSignal()
  add(await runSanitized(root, process.argv.slice(2)))
})
