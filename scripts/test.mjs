// `npm test`: installs and builds what is missing, then checks and tests. Arguments go to vitest and leave out the checks.

import './node-version.mjs'

import('./run-tests.mjs')
