// Checks of the sources that are not tests of behaviour. `npm run check` runs them; `npm test` counts each as one test.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runNamed } from './named-run.mjs'
import { addCounts } from './test-report.mjs'

const checksAtOnce = 2

/** What must be built before they can run: the types of the generated database client. */
export const checksNeed = ['prisma']

const sourceFolders = ['server', 'web', 'native', 'scripts', 'tests', 'bench']

const checksOf = (root) => [
  {
    name: 'types',
    command: [
      'node',
      'node_modules/typescript/bin/tsc',
      '--incremental',
      '--tsBuildInfoFile',
      'dist/.types.tsbuildinfo',
    ],
  },
  {
    name: 'types of the web pages',
    command: [
      'node',
      'node_modules/svelte-check/bin/svelte-check',
      '--tsconfig',
      'web/tsconfig.json',
      '--fail-on-warnings',
    ],
  },
  {
    name: 'format and lint',
    command: [
      'node',
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      '--error-on-warnings',
      '--max-diagnostics=50',
    ],
  },
  {
    name: 'import rules',
    command: [
      'node',
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      ...sourceFolders.filter((folder) => existsSync(join(root, folder))),
    ],
  },
  { name: 'file names and lengths', command: ['node', 'scripts/check-files.mjs'] },
]

/** Runs all checks, prints a line for each and the output of those that fail; resolves with the counts. */
export async function runChecks(root) {
  const waiting = checksOf(root)
  const counts = []
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const passed = await runNamed(root, check)
      counts.push(passed ? { passed: 1 } : { failed: 1, failures: [check.name] })
    }
  }
  await Promise.all(Array.from({ length: checksAtOnce }, work))
  return addCounts(...counts)
}
