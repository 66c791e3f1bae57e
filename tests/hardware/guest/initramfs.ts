// The guest's first file system: busybox, the modules in the order they load, and the scripts beside this file.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'

/** What the machine needs of the kernel's modules, besides what these need in turn. One that is built in has no file. */
const wantedModules = [
  'virtio_pci',
  'virtio_blk',
  'virtio_net',
  'vfio_iommu_type1',
  'vfio-pci',
  'squashfs',
  'overlay',
]

export interface InitramfsParts {
  /** A statically linked busybox. */
  busybox: string
  /** Folder of the kernel's modules. */
  modules: string
  /** Where the archive goes. */
  file: string
}

export function makeInitramfs({ busybox, modules, file }: InitramfsParts): void {
  const tree = mkdtempSync(`${file}-`)
  try {
    // mkdtemp makes it 0700, and the guest's users could not even reach /bin.
    chmodSync(tree, 0o755)
    for (const folder of ['bin', 'modules']) mkdirSync(join(tree, folder))
    copyProgram(busybox, join(tree, 'bin/busybox'))
    copyProgram(join(import.meta.dirname, 'init'), join(tree, 'init'))
    copyProgram(join(import.meta.dirname, 'serve-command'), join(tree, 'bin/serve-command'))
    copyModules(modules, join(tree, 'modules'))
    writeFileSync(file, archive(tree))
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function copyProgram(from: string, to: string): void {
  copyFileSync(from, to)
  chmodSync(to, 0o755)
}

function copyModules(from: string, to: string): void {
  const files = readdirSync(from, { recursive: true, encoding: 'utf8' })
  const byName = new Map(files.map((file) => [moduleName(basename(file, '.ko')), join(from, file)]))
  for (const [index, file] of inLoadingOrder(byName).entries()) {
    copyFileSync(file, join(to, `${String(index).padStart(2, '0')}-${basename(file)}`))
  }
}

/** Each after those it needs. */
function inLoadingOrder(byName: Map<string, string>): string[] {
  const ordered = new Set<string>()
  const add = (name: string) => {
    const file = byName.get(moduleName(name))
    if (!file || ordered.has(file)) return
    for (const needed of needs(file)) add(needed)
    ordered.add(file)
  }
  wantedModules.forEach(add)
  return [...ordered]
}

/** The kernel takes - and _ in a module's name for the same. */
const moduleName = (name: string) => name.replaceAll('-', '_')

/** The modules that a module says it depends on (the .modinfo section's `depends`). */
function needs(file: string): string[] {
  const [, names] = /\0depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1')) ?? []
  return names ? names.split(',') : []
}

function archive(tree: string): Buffer {
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' })
  return execFileSync('cpio', ['--create', '--format=newc', '--owner=0:0', '--quiet'], {
    cwd: tree,
    input: ['.', ...names].join('\n'),
    maxBuffer: 256 * 1024 * 1024,
  })
}
