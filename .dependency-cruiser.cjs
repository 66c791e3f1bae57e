// Who may import whom. tests/scripts/import-rules.test.ts shows of each rule that it can fail.

const features = ['audit', 'identity', 'boards', 'bookings', 'dma', 'live', 'overview']
const anyFeature = `^server/(${features.join('|')})/`

/** A feature imports only from those before it; what must travel upwards is an event. */
const featureRules = features.slice(0, -1).map((feature, index) => ({
  name: `${feature}-imports-no-higher-feature`,
  comment: `Features from low to high: ${features.join(', ')}. Send an event upwards instead.`,
  from: { path: `^server/${feature}/` },
  to: { path: `^server/(${features.slice(index + 1).join('|')})/` },
}))

const rules = [
  ...featureRules,
  {
    name: 'features-do-not-import-the-application',
    comment: 'app.ts and main.ts put the features together; only the other way round.',
    from: { path: [anyFeature, '^server/(plugins|drivers)/'] },
    to: { path: '^server/(app|main)\\.ts$' },
  },
  {
    name: 'the-ground-imports-no-feature',
    comment: 'Of the files beside the folders only app.ts and main.ts know the features.',
    from: { path: '^server/[^/]+$', pathNot: '^server/(app|main)\\.ts$' },
    to: { path: [anyFeature, '^server/(plugins|drivers|app|main)[/.]'] },
  },
  {
    name: 'plugins-import-no-feature',
    comment: 'Plugins are infrastructure for every feature.',
    from: { path: '^server/plugins/' },
    to: { path: anyFeature },
  },
  {
    name: 'contract-imports-none-of-ours',
    comment: 'The browser shares the contract.',
    from: { path: '^server/contract/' },
    to: { path: '^(server|native|web|prisma|scripts|tests|bench)/', pathNot: '^server/contract/' },
  },
  {
    name: 'drivers-import-only-native-and-contract',
    comment: 'A driver works on every bus and for every feature, so it knows neither.',
    from: { path: '^server/drivers/' },
    to: {
      path: '^(server|native|web|prisma|scripts|tests|bench)/',
      pathNot: '^(server/(contract|drivers)/|native/index\\.ts$)',
    },
  },
  {
    name: 'only-boards-use-drivers',
    comment: 'Other features reach a board through the device host.',
    from: { path: '^(server|web|native)/', pathNot: '^server/(boards|drivers)/' },
    to: { path: '^server/drivers/' },
  },
  {
    name: 'only-boards-and-drivers-use-native',
    comment: 'All others reach a board through the device host.',
    from: { pathNot: '^(server/(boards|drivers)|native|tests|bench)/' },
    to: { path: '^native/' },
  },
  {
    name: 'native-is-entered-by-its-index',
    comment: 'native/index.ts is the only loader and the typed surface.',
    from: { pathNot: '^native/' },
    to: { path: '^native/', pathNot: '^native/index\\.ts$' },
  },
  {
    name: 'native-imports-only-the-types-of-the-contract',
    comment: 'The addon can be used without the server.',
    from: { path: '^native/' },
    to: { path: '^(server|web|prisma|scripts|tests|bench)/', pathNot: '^server/contract/' },
  },
  {
    name: 'native-imports-nothing-of-the-contract-at-run-time',
    comment: 'The addon can be used without the server.',
    from: { path: '^native/' },
    to: { path: '^server/contract/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'only-stores-talk-to-the-database',
    comment:
      'A feature reads and writes in its -store.ts; the client itself is made by the plugin.',
    from: {
      path: '^(server|web|native)/',
      pathNot: ['-store\\.ts$', '^server/plugins/database/', '^server/audit/'],
    },
    to: { path: '^prisma/' },
  },
  {
    name: 'the-server-does-not-import-the-pages',
    comment: 'The server hands out what vite built.',
    from: { path: '^server/' },
    to: { path: '^web/' },
  },
  {
    name: 'pages-import-from-the-server-only-the-contract',
    comment: 'Everything else reaches the browser through HTTP.',
    from: { path: '^web/' },
    to: { path: '^(server|native|prisma|scripts)/', pathNot: '^server/contract/' },
  },
  {
    name: 'pages-take-only-types-and-plain-constants-from-the-contract',
    comment: 'At run time the schemas would bring a validator into the browser.',
    from: { path: '^web/' },
    to: {
      path: '^server/contract/',
      pathNot: '^server/contract/(dma-options|frame|limits|samples)\\.ts$',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'views-do-not-import-each-other',
    comment: 'What two views need belongs in web/shared or web/state.',
    from: { path: '^web/views/([^/]+)/' },
    to: { path: '^web/views/', pathNot: '^web/views/$1/' },
  },
  {
    name: 'what-views-share-does-not-import-views',
    comment: 'shared, state and api are below the views.',
    from: { path: '^web/(shared|state|api)/' },
    to: { path: '^web/views/' },
  },
  {
    name: 'components-do-not-fetch',
    comment: 'State classes call the API; components show them. Types are free.',
    from: { path: '^web/.*\\.svelte$' },
    to: { path: '^web/api/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'the-product-does-not-import-tests-or-tools',
    comment: 'These are not there in production.',
    from: { path: '^(server|web|native)/', pathNot: '\\.config\\.ts$' },
    to: { path: '^(tests|bench|scripts)/' },
  },
  {
    name: 'nothing-outside-the-repository',
    comment: 'A clone must be enough.',
    from: {},
    to: { path: '^\\.\\./', couldNotResolve: false },
  },
  {
    name: 'imports-resolve',
    comment: 'An import that leads nowhere escapes every other rule.',
    from: {},
    to: { couldNotResolve: true, pathNot: '^virtual:' },
  },
  {
    name: 'the-server-runs-without-dev-dependencies',
    comment: 'Move the package to dependencies.',
    from: { path: '^(server|native)/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
  },
  {
    name: 'no-circles',
    comment: 'Types count too: a circle says that two files are one subject.',
    from: { pathNot: '^prisma/generated/' },
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that nothing imports and that imports nothing is left over.',
    from: {
      orphan: true,
      pathNot: [
        '\\.test\\.ts$',
        '\\.d\\.ts$',
        '\\.config\\.ts$',
        '^web/public/',
        // A worker: its page names it by its address.
        '^web/state/second-hand\\.ts$',
      ],
    },
    to: {},
  },
]

module.exports = {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    exclude: { path: ['^native/(sanitized/)?build/', '^dist/', '^data/', '^recordings/'] },
    doNotFollow: { path: ['node_modules', '^prisma/generated/'] },
    // Type-only imports count: without this they are gone before anything is looked at.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['import', 'svelte', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.svelte', '.d.ts', '.json'],
    },
  },
}
