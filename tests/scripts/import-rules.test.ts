// Each import rule is shown to fail on a tree made for it, and to let pass what it must.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const config = join(root, '.dependency-cruiser.cjs')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const features = ['audit', 'identity', 'boards', 'bookings', 'dma', 'live', 'overview']

interface Violation {
  rule: string
  from: string
  to: string
}
type Tree = Record<string, string>

/** What the rules say about a tree of files, given with their contents. */
function violationsIn(files: Tree): Violation[] {
  const tree = mkdtempSync(join(tmpdir(), 'pinlab-import-rules-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), content)
    }
    const folders = ['server', 'web', 'native', 'tests', 'bench'].filter((folder) =>
      Object.keys(files).some((path) => path.startsWith(`${folder}/`)),
    )
    const parameters = [cruiser, '--config', config, '--output-type', 'json', ...folders]
    const { stdout } = spawnSync(process.execPath, parameters, { cwd: tree, encoding: 'utf8' })
    return JSON.parse(stdout).summary.violations.map(
      ({ rule, from, to }: { rule: { name: string }; from: string; to: string }) => ({
        rule: rule.name,
        from,
        to,
      }),
    )
  } finally {
    rmSync(tree, { recursive: true })
  }
}

/** A file `from` that imports `to`; `import` is the statement's beginning. */
const edge = (from: string, to: string, statement = 'import { x } from') => {
  const up = '../'.repeat(from.split('/').length - 1) || './'
  const line = `${statement} '${up}${to}'`
  return from.endsWith('.svelte')
    ? `<script lang="ts">\n${line}\nconst y = x\n</script>\n<p>{y}</p>\n`
    : `${line}\nexport const y = x\n`
}
const leaf = 'export const x = 1\nexport type T = number\n'
const typesOnly = 'import type { T as x } from'

/** For each rule, imports that break it: [from, to, how]. */
const forbidden: Record<string, [string, string, string?][]> = {
  ...Object.fromEntries(
    features
      .slice(0, -1)
      .map((feature, index) => [
        `${feature}-imports-no-higher-feature`,
        features
          .slice(index + 1)
          .map((higher): [string, string] => [
            `server/${feature}/needs-${higher}.ts`,
            `server/${higher}/given.ts`,
          ]),
      ]),
  ),
  'features-do-not-import-the-application': [
    ['server/live/needs-app.ts', 'server/app.ts'],
    ['server/plugins/needs-main.ts', 'server/main.ts'],
    ['server/dma/needs-app-type.ts', 'server/app.ts', typesOnly],
  ],
  'the-ground-imports-no-feature': [['server/config.ts', 'server/audit/given.ts']],
  'plugins-import-no-feature': [
    ['server/plugins/database/needs-audit.ts', 'server/audit/given.ts'],
  ],
  'contract-imports-none-of-ours': [
    ['server/contract/needs-errors.ts', 'server/errors.ts'],
    ['server/contract/needs-native.ts', 'native/index.ts', typesOnly],
  ],
  'drivers-import-only-native-and-contract': [
    ['server/drivers/needs-host.ts', 'server/boards/given.ts', typesOnly],
    ['server/drivers/needs-errors.ts', 'server/errors.ts'],
  ],
  'only-boards-use-drivers': [['server/dma/needs-driver.ts', 'server/drivers/given.ts']],
  'only-boards-and-drivers-use-native': [
    ['server/dma/needs-native.ts', 'native/index.ts'],
    ['server/main-needs-native.ts', 'native/index.ts', typesOnly],
  ],
  'native-is-entered-by-its-index': [
    ['server/boards/needs-surface.ts', 'native/surface.ts', typesOnly],
    ['tests/native/needs-surface.ts', 'native/surface.ts'],
  ],
  'native-imports-only-the-types-of-the-contract': [['native/needs-errors.ts', 'server/errors.ts']],
  'native-imports-nothing-of-the-contract-at-run-time': [
    ['native/needs-constants.ts', 'server/contract/dma-options.ts'],
  ],
  'only-stores-talk-to-the-database': [
    ['server/dma/dma-routes.ts', 'prisma/generated/sqlite/client.ts'],
    ['server/live/needs-types.ts', 'prisma/generated/sqlite/client.ts', typesOnly],
    ['server/plugins/metrics.ts', 'prisma/generated/sqlite/client.ts'],
  ],
  'the-server-does-not-import-the-pages': [['server/overview/pages.ts', 'web/state/given.ts']],
  'pages-import-from-the-server-only-the-contract': [
    ['web/state/needs-rules.ts', 'server/bookings/given.ts', typesOnly],
  ],
  'pages-take-only-types-and-plain-constants-from-the-contract': [
    ['web/state/needs-schema.ts', 'server/contract/board.ts'],
    ['web/Schema.svelte', 'server/contract/board.ts'],
  ],
  'views-do-not-import-each-other': [['web/views/dma/Bench.svelte', 'web/views/overview/given.ts']],
  'what-views-share-does-not-import-views': [['web/state/needs-view.ts', 'web/views/dma/given.ts']],
  'components-do-not-fetch': [['web/views/dma/Fetching.svelte', 'web/api/http.ts']],
  'the-product-does-not-import-tests-or-tools': [['server/live/needs-test.ts', 'tests/given.ts']],
}
/** Rules that need more than one file importing another. */
const forbiddenOtherwise: { rule: string; from: string; content: string }[] = [
  { rule: 'no-circles', from: 'server/dma/one.ts', content: "import './other.ts'\n" },
  { rule: 'imports-resolve', from: 'server/live/lost.ts', content: "import './gone.ts'\n" },
  {
    rule: 'nothing-outside-the-repository',
    from: 'server/live/outside.ts',
    content: `import '${join(root, 'scripts/test-report.mjs')}'\n`,
  },
  {
    rule: 'the-server-runs-without-dev-dependencies',
    from: 'server/live/dev.ts',
    content: "import { x } from 'only-for-tests'\nexport const y = x\n",
  },
  { rule: 'no-orphans', from: 'server/live/left-over.ts', content: 'export const x = 1\n' },
]

function treeOf(edges: [string, string, string?][]): Tree {
  const tree: Tree = {}
  for (const [, to] of edges) tree[to] = leaf
  for (const [from, to, statement] of edges) tree[from] = edge(from, to, statement)
  return tree
}

const packages: Tree = {
  // What the Svelte compiler's output imports.
  'node_modules/svelte/package.json': '{ "name": "svelte" }',
  'node_modules/svelte/internal/client.js': '',
  'node_modules/svelte/internal/disclose-version.js': '',
  'node_modules/svelte/internal/flags/legacy.js': '',
  'package.json': JSON.stringify({
    dependencies: { svelte: '5' },
    devDependencies: { 'only-for-tests': '1.0.0' },
  }),
  'node_modules/only-for-tests/package.json': '{ "name": "only-for-tests", "main": "index.js" }',
  'node_modules/only-for-tests/index.js': 'exports.x = 1\n',
}
const bad = Object.values(forbidden).flat()
const found = violationsIn({
  ...treeOf(bad),
  ...Object.fromEntries(forbiddenOtherwise.map(({ from, content }) => [from, content])),
  'server/dma/other.ts': edge('server/dma/other.ts', 'server/dma/one.ts', typesOnly),
  ...packages,
})

test('every rule is tried here', () => {
  const { forbidden: rules } = createRequire(import.meta.url)(config)
  const tried = [...Object.keys(forbidden), ...forbiddenOtherwise.map(({ rule }) => rule)]
  expect(tried.sort()).toEqual(rules.map(({ name }: { name: string }) => name).sort())
})

for (const [rule, edges] of Object.entries(forbidden)) {
  test(`${rule} fails where it should`, () => {
    const caught = found.filter((violation) => violation.rule === rule)
    for (const [from, to] of edges) expect(caught).toContainEqual({ rule, from, to })
  })
}

test.each(forbiddenOtherwise)('$rule fails where it should', ({ rule, from }) => {
  expect(found).toContainEqual(expect.objectContaining({ rule, from }))
})

test('what is allowed passes', () => {
  const edges: [string, string, string?][] = [
    ...features
      .slice(1)
      .map((feature, index): [string, string] => [
        `server/${feature}/uses.ts`,
        `server/${features[index]}/given.ts`,
      ]),
    ['server/app.ts', 'server/overview/given.ts'],
    ['server/boards/open-board.ts', 'native/index.ts'],
    ['server/drivers/xdma.ts', 'native/index.ts'],
    ['server/drivers/edu.ts', 'server/contract/dma-options.ts'],
    ['server/boards/uses-driver.ts', 'server/drivers/given.ts'],
    ['native/types.ts', 'server/contract/board.ts', typesOnly],
    ['native/loader.ts', 'native/surface.ts'],
    ['server/dma/dma-store.ts', 'prisma/generated/sqlite/client.ts'],
    ['server/plugins/database/client.ts', 'prisma/generated/sqlite/client.ts'],
    ['web/state/numbers.ts', 'server/contract/frame.ts'],
    ['web/state/board.ts', 'server/contract/board.ts', typesOnly],
    ['web/state/fetches.ts', 'web/api/http.ts'],
    ['web/views/dma/Bench.svelte', 'web/state/given.ts'],
    ['web/views/dma/Pages.svelte', 'web/views/dma/given.ts'],
    ['web/views/dma/Typed.svelte', 'server/contract/dma-options.ts'],
    ['tests/native/card.test.ts', 'native/index.ts'],
    ['bench/run.ts', 'native/index.ts'],
  ]
  const typed = `<script lang="ts">\nimport type { T } from '../../api/http.ts'\nlet { x }: { x: T } = $props()\n</script>\n{x}\n`
  const user = edge('web/main.ts', 'web/views/dma/OnlyTypes.svelte')
  const tree = {
    ...treeOf(edges),
    ...packages,
    'web/views/dma/OnlyTypes.svelte': typed,
    'web/main.ts': user,
  }
  expect(violationsIn(tree)).toEqual([])
})
