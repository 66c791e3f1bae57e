// Serves what is in dist/ as it is.

import { serve } from '../dist/server/main.js'

await serve()
