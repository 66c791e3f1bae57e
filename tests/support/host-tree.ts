// A host's /sys, /proc, /dev, /run and /etc laid out in a folder, as the kernel would have them, for who reads them.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Roots } from '../../server/boards/doctor/host-files.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface TreeDevice {
  address: string
  driver?: string
  group?: number
  busMaster?: boolean
  isBridge?: boolean
}

export class HostTree {
  readonly roots: Roots
  readonly #folder = temporaryFolder()

  constructor(devices: TreeDevice[] = []) {
    const at = (name: string) => join(this.#folder, name)
    this.roots = {
      sys: at('sys'),
      proc: at('proc'),
      dev: at('dev'),
      run: at('run'),
      etc: at('etc'),
    }
    this.write('etc/passwd', `keeper:x:${process.getuid?.()}:0::/:/bin/sh\n`)
    this.write('etc/group', `lab:x:${process.getgid?.()}:\n`)
    for (const device of devices) this.#add(device)
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.#folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  /** The file in /dev/vfio of an IOMMU group. */
  groupFile(number: number, mode = 0o660): this {
    this.write(`dev/vfio/${number}`, '')
    chmodSync(join(this.roots.dev, 'vfio', String(number)), mode)
    return this
  }

  #add({ address, driver, group, busMaster = false, isBridge = false }: TreeDevice): void {
    const device = `sys/bus/pci/devices/${address}`
    this.write(`${device}/vendor`, '0x1234\n')
    this.write(`${device}/device`, '0x11e8\n')
    this.write(`${device}/class`, isBridge ? '0x060400\n' : '0x00ff00\n')
    const config = Buffer.alloc(64)
    config.writeUInt16LE(busMaster ? 0x0006 : 0x0002, 4)
    this.write(`${device}/config`, config)
    if (driver) this.#link(`${device}/driver`, `/somewhere/drivers/${driver}`)
    if (group === undefined) return
    this.#link(`${device}/iommu_group`, `/somewhere/iommu_groups/${group}`)
    this.write(`sys/kernel/iommu_groups/${group}/devices/${address}`, '')
  }

  #link(path: string, target: string): void {
    symlinkSync(target, join(this.#folder, path))
  }
}
