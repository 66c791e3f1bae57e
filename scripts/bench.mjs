// `npm run bench`: builds the product and the benchmarks, then runs them. Arguments go to the benchmarks.

import { build, root } from './build.mjs'
import { product } from './build-steps.mjs'
import { endChildrenOnSignal, run } from './child-process.mjs'

if ((await build([...product, 'bench'])) === undefined) process.exit(1)
endChildrenOnSignal()
process.exit(await run(['node', 'dist/bench/run.js', ...process.argv.slice(2)], { root }))
