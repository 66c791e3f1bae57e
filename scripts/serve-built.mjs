// Serves what is in dist/ as it is.

import './sqlite-binding.mjs'

const { serve } = await import(new URL('../dist/server/main.js', import.meta.url).href)

await serve()
