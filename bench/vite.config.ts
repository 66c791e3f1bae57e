// Bundles the benchmarks as the server is bundled, so that what they measure is what runs. Children have entries of their own.

import { defineConfig } from 'vite'
import server from '../vite.server.config.ts'

const entries = [
  'run',
  'live-fanout/floor-server',
  'live-fanout/pinlab-server',
  'live-fanout/clients',
]

export default defineConfig({
  ...server,
  build: {
    ...server.build,
    outDir: 'dist/bench',
    rolldownOptions: {
      input: Object.fromEntries(entries.map((name) => [name, `bench/${name}.ts`])),
      output: { entryFileNames: '[name].js' },
    },
  },
})
