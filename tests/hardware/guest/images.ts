// The guest's disks: one with Node.js and the packages, made anew only when these change, and a small one with the project as it is built.

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Reading an image that is not compressed is quicker than expanding one on an emulated processor. */
const plain = ['-noI', '-noD', '-noF', '-noX']

/** What the guest needs of the project, as far as it is there. */
const projectParts = [
  'dist',
  'native',
  'pinlab.yaml',
  'package.json',
  'prisma',
  'recordings',
  'scripts',
  'server',
  'tests',
  'tsconfig.json',
  'vitest.config.ts',
]

/** With `./`, so that mksquashfs takes them from here and not from inside each part. */
const notInTheGuest = [
  './dist/guest',
  './dist/logs',
  './dist/threads',
  './native/build/Release/obj.target',
  './native/sanitized/build',
]

/** Large, and of no use to what runs in the guest. */
const notNeededPackages = [
  '@biomejs',
  '@electric-sql',
  '@prisma/engines',
  'dependency-cruiser',
  'playwright-core',
  'prisma',
  'svelte-check',
]

export interface ImagePlace {
  /** The project's folder. */
  root: string
  /** Where images are kept. */
  folder: string
}

/** `runtime/` with this Node.js and its libraries at their usual places, and `node_modules/`. */
export function makePackagesImage({ root, folder }: ImagePlace): string {
  const stamp = createHash('sha256')
    .update(JSON.stringify([process.version, process.execPath, notNeededPackages]))
    .update(readFileSync(join(root, 'node_modules/.package-lock.json')))
    .digest('hex')
    .slice(0, 16)
  const file = join(folder, `packages-${stamp}.sqfs`)
  if (existsSync(file)) return file
  forgetOlderImages(folder)
  const libraries = librariesOf([process.execPath, ...nativeModules(join(root, 'node_modules'))])
  makeImage({
    file,
    root,
    parts: ['node_modules'],
    without: notNeededPackages.map((name) => `./node_modules/${name}`),
    pseudo: pseudoFiles([
      { path: 'runtime/usr/bin/node', from: process.execPath },
      ...libraries.map((library) => ({ path: `runtime${library}`, from: library })),
    ]),
  })
  return file
}

/** Always made: that takes less than finding out whether anything changed. */
export function makeProjectImage({ root, folder }: ImagePlace): string {
  const file = join(folder, 'project.sqfs')
  const parts = projectParts.filter((part) => existsSync(join(root, part)))
  makeImage({ file, root, parts, pseudo: [], without: notInTheGuest })
  return file
}

function forgetOlderImages(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.startsWith('packages-')) rmSync(join(folder, name))
  }
}

interface ImageParts {
  file: string
  root: string
  parts: string[]
  /** mksquashfs's definitions of files that lie elsewhere. */
  pseudo: string[]
  without?: string[]
}

function makeImage({ file, root, parts, pseudo, without = [] }: ImageParts): void {
  mkdirSync(dirname(file), { recursive: true })
  // A guest that runs keeps the image it was started with.
  const fresh = `${file}.${process.pid}`
  try {
    execFileSync(
      'mksquashfs',
      [
        ...parts,
        fresh,
        ...['-noappend', '-quiet', '-no-progress', '-keep-as-directory', '-all-root', ...plain],
        ...pseudo.flatMap((definition) => ['-p', definition]),
        ...(without.length > 0 ? ['-e', ...without] : []),
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    renameSync(fresh, file)
  } finally {
    rmSync(fresh, { force: true })
  }
}

function pseudoFiles(files: { path: string; from: string }[]): string[] {
  const folders = new Set<string>()
  for (const { path } of files) {
    for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(at)
  }
  return [
    ...[...folders].sort().map((folder) => `${folder} d 0755 0 0`),
    ...files.map(({ path, from }) => `${path} f 0755 0 0 cat ${from}`),
  ]
}

function nativeModules(packages: string): string[] {
  return readdirSync(packages, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.node'))
    .map((name) => join(packages, name))
}

/** Absolute paths of the shared libraries that these files load, and of the loader itself. Files of other systems are passed over. */
function librariesOf(files: string[]): string[] {
  const listed = files.map((file) => spawnSync('ldd', [file], { encoding: 'utf8' }).stdout)
  const paths = listed.flatMap((text) =>
    [...text.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path),
  )
  return [...new Set(paths as string[])].sort()
}
