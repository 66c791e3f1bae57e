// Bundles the server and the packages that consist of many small modules: reading those one by one would take most of a warm
// start. Types are checked by `npm test`, not here.

import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    ssr: 'server/main.ts',
    outDir: 'dist/server',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
  },
  ssr: { noExternal: ['typebox', 'yaml'] },
})
