// What the kernel says about one PCI device, its IOMMU group and the group's file.

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { exists, type FileRights, linkName, names, type Roots, rights, text } from './host-files.ts'

export interface PciDevice {
  address: string
  /** vendor:device, as lspci -n prints it. */
  id: string
  isBridge: boolean
  driver: string | null
  /** Null where configuration space cannot be read. */
  busMaster: boolean | null
}

export interface IommuGroup {
  /** The name of its file in /dev/vfio. */
  number: string
  /** The other devices in it. */
  others: PciDevice[]
  /** Null: there is none, as no device of the group is bound to vfio-pci. */
  file: FileRights | null
}

export interface PciFacts {
  device: PciDevice | null
  group: IommuGroup | null
}

const classBridge = '0x06'
const commandRegister = 4
const commandBusMaster = 0x4

export async function pciFacts(roots: Roots, address: string): Promise<PciFacts> {
  const folder = join(roots.sys, 'bus/pci/devices', address)
  if (!(await exists(folder))) return { device: null, group: null }
  const device = await deviceFacts(folder, address)
  const number = await linkName(folder, 'iommu_group')
  return { device, group: number === null ? null : await groupFacts(roots, number, address) }
}

async function groupFacts(roots: Roots, number: string, address: string): Promise<IommuGroup> {
  const members = await names(roots.sys, 'kernel/iommu_groups', number, 'devices')
  const others = members.filter((member) => member !== address)
  return {
    number,
    others: await Promise.all(
      others.map((other) => deviceFacts(join(roots.sys, 'bus/pci/devices', other), other)),
    ),
    file: await rights(roots, join(roots.dev, 'vfio', number)),
  }
}

async function deviceFacts(folder: string, address: string): Promise<PciDevice> {
  const [vendor, device, className] = await Promise.all([
    text(folder, 'vendor'),
    text(folder, 'device'),
    text(folder, 'class'),
  ])
  return {
    address,
    id: `${digits(vendor)}:${digits(device)}`,
    isBridge: className?.startsWith(classBridge) ?? false,
    driver: await linkName(folder, 'driver'),
    busMaster: await busMaster(folder),
  }
}

const digits = (hex: string | null) => hex?.replace(/^0x/, '') ?? '????'

/** Reads the first bytes only, which everybody may. A device that does not answer reads all ones. */
async function busMaster(folder: string): Promise<boolean | null> {
  const file = await open(join(folder, 'config')).catch(() => null)
  if (!file) return null
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, commandRegister)
    if (bytesRead < 2 || buffer.readUInt16LE() === 0xffff) return null
    return (buffer.readUInt16LE() & commandBusMaster) !== 0
  } catch {
    return null
  } finally {
    await file.close()
  }
}
