// The names of people in the tables of DMA sessions, captures and recipes, and what they noted about captures.

import { erasedName } from '../audit/erasing.ts'
import type { Transaction } from '../plugins/database/database.ts'

export async function eraseNamesOfOwner(tx: Transaction, owner: string): Promise<void> {
  await tx.dmaSession.updateMany({ where: { owner }, data: { ownerName: erasedName } })
  const capture = { ownerName: erasedName, note: '', marks: [] }
  await tx.capture.updateMany({ where: { owner }, data: capture })
  await tx.recipe.updateMany({ where: { owner }, data: { ownerName: erasedName } })
}
