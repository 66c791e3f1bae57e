// Bundles the server and the packages that consist of many small modules: reading those one by one would take most of a warm
// start. Types are checked by `npm test`, not here. The verifier of the record is an entry of its own, which shares nothing with the
// server: it runs where neither the server's packages nor the addon are.

import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    ssr: true,
    outDir: 'dist/server',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: {
        main: 'server/main.ts',
        'audit-verify': 'server/audit/verify/audit-verify.ts',
      },
      output: { entryFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: ['typebox', 'yaml'] },
})
