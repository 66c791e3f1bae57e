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
    command: [
      'node',
      'node_modules/node-gyp/bin/node-gyp.js',
      'rebuild',
      '--directory',
      'native',
      '--jobs',
      '2',
    ],
    environment: () => ({ ...compilerEnvironment(), ...headersEnvironment() }),
    after: ['install'],
    compiles: true,
  },
  server: {
    title: 'Building the server',
    inputs: [
      ['server', /\.ts$/],
      ['native', /\.ts$/],
    ],
    outputs: ['dist/server/main.js'],
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
