// How this host uses its boards now, as the doctor asks.

import type { BoardSlots } from './board-slots.ts'
import type { BoardUse } from './doctor/board-findings.ts'

export async function boardUses(slots: BoardSlots): Promise<Map<string, BoardUse>> {
  const uses = new Map<string, BoardUse>()
  for (const { description, failure } of slots.list()) {
    const locks = (await slots.find(description.id)?.card.lockReport()) ?? []
    const dmaMappings = locks.reduce((sum, { pageCount }) => sum + pageCount, 0)
    uses.set(description.id, { failure: failure?.reason ?? null, dmaMappings })
  }
  return uses
}
