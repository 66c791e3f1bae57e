// `npm start`: installs and builds what is missing, then serves. The second import waits for the first one's verdict.

import './node-version.mjs'

import('./build-and-serve.mjs')
