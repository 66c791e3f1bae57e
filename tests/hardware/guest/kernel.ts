// Debian's kernel for virtual machines, as its package brings it: fetched once for each version, never installed.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const metaPackage = 'linux-image-cloud-amd64'

export interface Kernel {
  /** The compressed kernel that QEMU starts. */
  image: string
  /** Folder with the `kernel/` tree of its modules. */
  modules: string
}

export interface KernelPackage {
  name: string
  version: string
}

/** The package that the meta package stands for now; null where apt does not know it. */
export function currentKernelPackage(): KernelPackage | null {
  try {
    const shown = execFileSync('apt-cache', ['show', '--no-all-versions', metaPackage], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [, name, version] = /^Depends: (linux-image-\S+) \(= (\S+)\)/m.exec(shown) ?? []
    return name && version ? { name, version } : null
  } catch {
    return null
  }
}

/** Downloads and unpacks the package below `folder`, unless it is there. */
export function fetchKernel(folder: string, { name, version }: KernelPackage): Kernel {
  const home = join(folder, `${name}_${version.replaceAll(/[^\w.+~-]/g, '_')}`)
  if (!existsSync(home)) unpack({ folder, home, name, version })
  const [release] = readdirSync(join(home, 'lib/modules'))
  if (!release) throw new Error(`${home} holds no modules: delete it`)
  return {
    image: join(home, 'boot', `vmlinuz-${release}`),
    modules: join(home, 'lib/modules', release),
  }
}

function unpack(wanted: KernelPackage & { folder: string; home: string }): void {
  mkdirSync(wanted.folder, { recursive: true })
  const work = mkdtempSync(join(wanted.folder, 'unpacking-'))
  try {
    execFileSync('apt-get', ['download', '-q', `${wanted.name}=${wanted.version}`], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [file] = readdirSync(work)
    if (!file) throw new Error(`apt-get download left nothing of ${wanted.name}`)
    const tree = join(work, 'tree')
    execFileSync('dpkg', ['-x', join(work, file), tree])
    // Two runs at once fetch it twice; the first one's stays.
    if (!existsSync(wanted.home)) renameSync(tree, wanted.home)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
