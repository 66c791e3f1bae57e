// Addresses of PCI functions, as people write them.

const pattern = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/

/** Domain, bus, device and function as the kernel names them, 0000:01:00.0. The domain may be left out: 0. Null: it is none. */
export function pciAddress(text: string): string | null {
  const [, domain = '0000', bus, device, functionNumber] =
    pattern.exec(text.trim().toLowerCase()) ?? []
  return bus === undefined ? null : `${domain}:${bus}:${device}.${functionNumber}`
}
