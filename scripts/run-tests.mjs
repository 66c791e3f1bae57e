// The whole of `npm test`. Its last line is always `N passed, N failed, N skipped`, over the checks and vitest's tests; on a build
// machine over the run under the sanitizers too.

import { build, root } from './build.mjs'
import { runChecks } from './checks.mjs'
import { endChildrenOnSignal } from './child-process.mjs'
import { runSanitized } from './run-sanitized.mjs'
import { runVitest } from './run-vitest.mjs'
import { endWithTotal } from './test-report.mjs'

const filters = process.argv.slice(2)
const isBuildMachine = process.env.CI === 'true'

endWithTotal(async (add) => {
  // A failed build is a failed test, and testing what an older build left behind would mislead.
  if ((await build()) === undefined) return add({ failed: 1 })
  endChildrenOnSignal()
  if (filters.length === 0) add(await runChecks(root))
  add(await runVitest(root, filters))
  if (filters.length === 0 && isBuildMachine) add(await runSanitized(root))
})
