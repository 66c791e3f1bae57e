// All that a guest is made of, kept in dist/guest, and what the machine must have for it.

import { spawnSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../server/project-root.ts'
import { compiledNative } from '../../native/compiled-native.ts'
import { missing, requireProgram } from '../../support/requirements.ts'
import { makePackagesImage, makeProjectImage } from './images.ts'
import { makeInitramfs } from './initramfs.ts'
import { currentKernelPackage, fetchKernel, type KernelPackage } from './kernel.ts'

const folder = join(projectRoot, 'dist/guest')

/** Files that QEMU is given. */
export interface GuestImages {
  kernel: string
  initramfs: string
  packages: string
  project: string
}

interface GuestTools {
  busybox: string
  kernelPackage: KernelPackage
}

const programs = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  cpio: 'cpio',
  mksquashfs: 'squashfs-tools',
  'apt-get': 'apt',
  setpriv: 'util-linux',
}

/** What building and starting a guest takes, or null after saying what is missing; throws in CI. */
export function requireGuest(): GuestTools | null {
  if (process.arch !== 'x64')
    return missing(`the guest is an x86-64 machine, this is ${process.arch}`)
  const found = Object.entries(programs).map(([name, debian]) =>
    requireProgram({ names: [name], install: `apt-get install -y ${debian}` }),
  )
  if (found.includes(null)) return null
  const busybox = found[1] as string
  if (spawnSync('ldd', [busybox]).status === 0) {
    return missing(`${busybox} is linked dynamically: run \`apt-get install -y busybox-static\``)
  }
  const kernelPackage = currentKernelPackage()
  if (!kernelPackage)
    return missing('apt knows no kernel for virtual machines: run `apt-get update`')
  return { busybox, kernelPackage }
}

let prepared: GuestImages | undefined

/** Makes what is missing or out of date, once in each process. */
export function prepareGuest(): GuestImages {
  prepared ??= prepare()
  return prepared
}

function prepare(): GuestImages {
  const tools = requireGuest()
  if (!tools) throw new Error('this machine cannot run the guest')
  const place = { root: projectRoot, folder }
  const kernel = fetchKernel(folder, tools.kernelPackage)
  const packages = makePackagesImage(place)
  compiledNative()
  const project = makeProjectImage(place)
  const initramfs = join(folder, 'initramfs.cpio')
  const fresh = `${initramfs}.${process.pid}`
  makeInitramfs({ busybox: tools.busybox, modules: kernel.modules, file: fresh })
  renameSync(fresh, initramfs)
  return { kernel: kernel.image, initramfs, packages, project }
}
