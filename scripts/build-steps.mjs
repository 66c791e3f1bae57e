// What is made before Pinlab can run, said once: start, test, dev, bench and build read it here.
//
// A step's `inputs` are files, or folders with the pattern of the names that count; `outputs` must exist for its stamp to count;
// `clears` is emptied before it runs, so that nothing made from a deleted source stays; `after` are the steps it builds upon.

import { packagesInstalledByHand } from './installed-packages.mjs'
import { compilerEnvironment, headersEnvironment } from './requirements.mjs'

/** Where the build leaves stamps, logs and the lock, relative to the repository. */
export const buildFolder = 'dist'

// Prisma's command line wants to download an engine that generating code does not use; any executable file stops that.
const noEngineDownload = () => ({ PRISMA_SCHEMA_ENGINE_BINARY: process.execPath })

// SQLite is one source, which the compiler works on for nearly two minutes. With -O1 it is done in 42 s.
const fastCompilation = () => (process.env.CI === 'true' ? { CFLAGS: '-O1' } : {})

const nodeGyp = (folder) => [
  'node',
  'node_modules/node-gyp/bin/node-gyp.js',
  'rebuild',
  '--directory',
  folder,
  '--jobs',
  '2',
]

// make itself sees which objects are out of date.
const threadPrograms = (sanitizer) => ({
  inputs: [
    ['tests/native/threads', /./],
    ['native', /\.(h|cpp)$/],
  ],
  outputs: [`dist/threads/${sanitizer}/busy_card`, `dist/threads/${sanitizer}/planted`],
  clears: [],
  command: [
    'make',
    '--directory=tests/native/threads',
    '--jobs=2',
    `SANITIZER=${sanitizer}`,
    `FOLDER=../../../dist/threads/${sanitizer}`,
  ],
  environment: compilerEnvironment,
  compiles: true,
})

export const steps = {
  install: {
    title: 'Installing packages',
    inputs: ['package-lock.json'],
    outputs: ['node_modules/.package-lock.json'],
    clears: [],
    command: ['npm', 'ci', '--include=dev', '--no-audit', '--no-fund'],
    // npm ci needs a lock file; a tree without one is somebody trying things out.
    commandWithoutInputs: ['npm', 'install', '--include=dev', '--no-audit', '--no-fund'],
    environment: () => ({
      ...compilerEnvironment(),
      ...headersEnvironment(),
      ...noEngineDownload(),
      ...fastCompilation(),
    }),
    alreadyDone: packagesInstalledByHand,
    after: [],
    compiles: true,
  },
  prisma: {
    title: 'Generating the database client',
    inputs: [
      ['prisma', /\.prisma$/],
      ['prisma', /\.config\.ts$/],
    ],
    outputs: ['prisma/generated/sqlite/client.ts'],
    clears: [],
    command: [
      'node',
      'node_modules/prisma/build/index.js',
      'generate',
      '--config',
      'prisma/sqlite.config.ts',
    ],
    environment: noEngineDownload,
    after: ['install'],
  },
  addon: {
    title: 'Building the native addon',
    inputs: [['native', /\.(h|cc|cpp|gypi?)$/]],
    outputs: ['native/build/Release/pinlab.node'],
    clears: [],
    command: nodeGyp('native'),
    environment: () => ({ ...compilerEnvironment(), ...headersEnvironment() }),
    after: ['install'],
    compiles: true,
  },
  sanitizedAddon: {
    title: 'Building the native addon with sanitizers',
    inputs: [['native', /\.(h|cc|cpp|gypi?)$/]],
    outputs: ['native/sanitized/build/Release/pinlab.node'],
    clears: [],
    command: nodeGyp('native/sanitized'),
    environment: () => ({ ...compilerEnvironment(), ...headersEnvironment() }),
    after: ['install'],
    compiles: true,
  },
  addressPrograms: {
    title: 'Building the thread programs with AddressSanitizer',
    ...threadPrograms('address'),
    after: ['sanitizedAddon'],
  },
  threadPrograms: {
    title: 'Building the thread programs with ThreadSanitizer',
    ...threadPrograms('thread'),
    after: ['install'],
  },
  server: {
    title: 'Building the server',
    inputs: [
      ['server', /\.ts$/],
      ['native', /\.ts$/],
    ],
    outputs: ['dist/server/main.js', 'dist/server/audit-verify.js'],
    clears: [],
    command: [
      'node',
      'node_modules/vite/bin/vite.js',
      'build',
      '--config',
      'vite.server.config.ts',
    ],
    after: ['prisma'],
  },
  web: {
    title: 'Building the web pages',
    inputs: [
      ['web', /./],
      ['server/contract', /\.ts$/],
    ],
    outputs: ['dist/web/index.html'],
    clears: [],
    command: ['node', 'node_modules/vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts'],
    after: ['install'],
  },
  bench: {
    title: 'Building the benchmarks',
    inputs: [['bench', /\.(ts|c)$/]],
    outputs: ['dist/bench/run.js'],
    clears: [],
    command: ['node', 'node_modules/vite/bin/vite.js', 'build', '--config', 'bench/vite.config.ts'],
    after: ['server'],
  },
}

/** Everything that `npm start` and `npm test` need. */
export const product = ['addon', 'server', 'web']

/** What `npm run test:asan` needs besides. */
export const sanitized = ['addressPrograms', 'threadPrograms']
