// The table of how people look at boards.

import type { BenchViews } from '../contract/bench-views.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'

interface Whose {
  personId: string
  board: string
}

export async function readBenchViews(reader: Reader, whose: Whose): Promise<BenchViews> {
  const row = await reader.benchViews.findUnique({ where: { personId_board: whose } })
  return (row?.views as BenchViews | undefined) ?? {}
}

export async function writeBenchViews(
  tx: Transaction,
  whose: Whose,
  views: BenchViews,
): Promise<void> {
  await tx.benchViews.upsert({
    where: { personId_board: whose },
    create: { ...whose, views },
    update: { views },
  })
}
