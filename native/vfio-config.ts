// Opening a card behind VFIO: what is checked of its configuration here.

import { addon, type EventHandlers, type NativeCard } from './addon.ts'
import { invalid } from './errors.ts'
import type { VfioCardConfig } from './surface.ts'

export function openVfio(config: VfioCardConfig, handlers: EventHandlers): Promise<NativeCard> {
  const { address, addressWidth = 64, fragmentation = 0 } = config
  const wrong = (message: string) => invalid('openCard', message)
  if (typeof address !== 'string' || address.includes('\0')) {
    throw wrong('address is a PCI address, e.g. 0000:01:00.0')
  }
  if (!Number.isInteger(addressWidth) || addressWidth < 1 || addressWidth > 64) {
    throw wrong('addressWidth is 1 to 64 bits')
  }
  if (!Number.isInteger(fragmentation) || fragmentation < 0 || fragmentation > 0xffff) {
    throw wrong('fragmentation is 0 to 65,535 CPU pages')
  }
  return addon.openVfio(address, addressWidth, fragmentation, ...handlers)
}
