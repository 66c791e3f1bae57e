// The test suites. Three workers, because the build machine has two cores and many tests wait for engines that have stalled; the browser
// suite runs one file at a time.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const inNode = {
  environment: 'node',
  pool: 'forks',
  execArgv: ['--import', './scripts/sqlite-binding.mjs'],
}

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...inNode,
          name: 'server',
          include: ['tests/server/**/*.test.ts'],
          // A file's imports cost more than most files' tests. Nothing is mocked by module, and what is spied upon is put back.
          isolate: false,
          // A stalled engine is given seconds by each step that meets it; a busy machine makes many of them.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...inNode,
          name: 'native',
          include: ['tests/native/**/*.test.ts', 'tests/contract/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        // Runes in *.svelte.ts need the compiler, and `browser` picks Svelte's client half.
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: { ...inNode, name: 'web', include: ['tests/web/**/*.test.ts'] },
      },
      {
        test: {
          ...inNode,
          name: 'scripts',
          include: ['tests/scripts/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...inNode,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Boots virtual machines, whose processors are emulated. Two at a time take longer than one after the other.
        test: {
          ...inNode,
          name: 'hardware',
          include: ['tests/hardware/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
