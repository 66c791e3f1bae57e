// PCI devices as sysfs has them: who drives them, and how that is changed.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const devices = '/sys/bus/pci/devices'

/** Addresses of all devices of this machine. */
export function pciDevices(): string[] {
  return existsSync(devices) ? readdirSync(devices).sort() : []
}

export function isPresent(address: string): boolean {
  return existsSync(join(devices, address))
}

/** Name of its driver, or null. */
export function driverOf(address: string): string | null {
  return linkOf(address, 'driver')
}

/** Number of its IOMMU group, or null. */
export function groupOf(address: string): string | null {
  return linkOf(address, 'iommu_group')
}

/** The file through which the device is opened. */
export function groupFile(address: string): string {
  return `/dev/vfio/${groupOf(address)}`
}

/** `msi` or `msix` for each vector that the device sends messages on now. */
export function messageKinds(address: string): string[] {
  const folder = join(devices, address, 'msi_irqs')
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim())
}

/** Takes the device from its driver and gives it to this one; to none where it is empty. */
export function bindTo(address: string, driver: string): void {
  writeAttribute(address, 'driver_override', `${driver || 'none'}\n`)
  if (driverOf(address)) writeAttribute(address, 'driver/unbind', address)
  if (driver) writeFileSync('/sys/bus/pci/drivers_probe', address)
}

export function writeAttribute(address: string, name: string, value: string): void {
  writeFileSync(join(devices, address, name), value)
}

/** Does what a refusal says would help: the commands between its backquotes, in their order. */
export function doWhatHelps(help: string): void {
  const commands = [...help.matchAll(/`([^`]+)`/g)].map(([, command]) => command)
  if (commands.length === 0) throw new Error(`no command in: ${help}`)
  execFileSync('sh', ['-ec', commands.join('\n')], { stdio: 'pipe' })
}

function linkOf(address: string, name: string): string | null {
  const link = join(devices, address, name)
  return existsSync(link) ? basename(readlinkSync(link)) : null
}
