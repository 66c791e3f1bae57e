// Builds what is out of date, then becomes the server: one process, so that signals and exit code are the server's own.

import { build } from './build.mjs'

if ((await build()) === undefined) process.exit(1)
await import('./serve-built.mjs')
