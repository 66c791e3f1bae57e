// `npm run check`: types, lint, format, import rules, file names and lengths.

import { build, root } from './build.mjs'
import { checksNeed, runChecks } from './checks.mjs'
import { endChildrenOnSignal } from './child-process.mjs'

if ((await build(checksNeed)) === undefined) process.exit(1)
endChildrenOnSignal()
const { failed } = await runChecks(root)
process.exit(failed === 0 ? 0 : 1)
