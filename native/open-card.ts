// Opens a card on the bus that its configuration names.

import { keepOpen } from './card.ts'
import { CardEvents } from './card-events.ts'
import { invalid } from './errors.ts'
import { openSimulated } from './simulated-config.ts'
import type { Card, CardConfig } from './surface.ts'
import { openVfio } from './vfio-config.ts'

/** WD_Open + WD_CardRegister. Open until `close`, or the end of the worker or the process. */
export async function openCard(config: CardConfig): Promise<Card> {
  const events = new CardEvents()
  return keepOpen(config.bus, await openNative(config, events), events)
}

function openNative(config: CardConfig, events: CardEvents) {
  switch (config.bus) {
    case 'simulated':
      return openSimulated(config, events.all)
    case 'vfio':
      return openVfio(config, events.all)
    default:
      throw invalid('openCard', `unknown bus ${String((config as { bus: unknown }).bus)}`)
  }
}
