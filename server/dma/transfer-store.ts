// The transfers' table.

import type { HostTransferProgress } from '../boards/device-host.ts'
import type { Failure, Transfer } from '../contract/dma-session.ts'
import type { Reader, Transaction } from '../plugins/database/database.ts'

export type TransferRow = Awaited<ReturnType<Reader['transfer']['findUniqueOrThrow']>>

export function toTransfer(row: TransferRow): Transfer {
  return {
    n: row.n,
    state: row.state,
    channel: row.channel,
    mode: row.mode,
    offset: Number(row.offset),
    byteLength: Number(row.byteLength),
    deviceAddress: row.deviceAddress,
    blockByteLength: row.blockByteLength === null ? null : Number(row.blockByteLength),
    bytesCompleted: Number(row.bytesCompleted),
    blocksCompleted: Number(row.blocksCompleted),
    overruns: row.overruns,
    refusedAccesses: row.refusedAccesses,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    failure: row.failure as Failure | null,
  }
}

export interface NewTransfer {
  sessionId: string
  channel: string
  mode: Transfer['mode']
  offset: number
  byteLength: number
  deviceAddress: string | null
  blockByteLength: number | null
  startedAt: Date
}

/** Numbers count up from 1 within a session; write transactions are serialised. */
export async function addTransfer(tx: Transaction, transfer: NewTransfer): Promise<Transfer> {
  const n = (await tx.transfer.count({ where: { sessionId: transfer.sessionId } })) + 1
  const { offset, byteLength, blockByteLength } = transfer
  const row = await tx.transfer.create({
    data: {
      ...transfer,
      n,
      state: 'running',
      offset: BigInt(offset),
      byteLength: BigInt(byteLength),
      blockByteLength: blockByteLength === null ? null : BigInt(blockByteLength),
    },
  })
  return toTransfer(row)
}

export type EndedTransfer = HostTransferProgress & { endedAt: number }

/** Null when it has ended already. */
export async function setTransferEnded(
  tx: Transaction,
  key: { sessionId: string; n: number },
  outcome: EndedTransfer,
): Promise<Transfer | null> {
  const { state, startedAt, endedAt, bytesCompleted, blocksCompleted, failure } = outcome
  const { overruns, refusedAccesses } = outcome
  const { count } = await tx.transfer.updateMany({
    where: { ...key, state: 'running' },
    data: {
      state,
      bytesCompleted: BigInt(bytesCompleted),
      blocksCompleted: BigInt(blocksCompleted),
      overruns,
      refusedAccesses,
      endedAt: new Date(endedAt),
      ...(startedAt === null ? {} : { startedAt: new Date(startedAt) }),
      ...(failure ? { failure } : {}),
    },
  })
  return count === 1 ? readTransfer(tx, key) : null
}

export async function readTransfer(
  reader: Reader | Transaction,
  sessionId_n: { sessionId: string; n: number },
): Promise<Transfer | null> {
  const row = await reader.transfer.findUnique({ where: { sessionId_n } })
  return row && toTransfer(row)
}

export async function readTransfers(
  reader: Reader,
  sessionId: string,
  { limit, before }: { limit: number; before?: number },
): Promise<{ items: Transfer[]; next: string | null }> {
  const rows = await reader.transfer.findMany({
    where: { sessionId, ...(before === undefined ? {} : { n: { lt: before } }) },
    orderBy: { n: 'desc' },
    take: limit + 1,
  })
  const items = rows.slice(0, limit).map(toTransfer)
  return { items, next: rows.length > limit ? String(items.at(-1)?.n) : null }
}

/** Whether any of these channels ever completed bytes of the session, in what has ended. */
export async function hasReceived(
  reader: Reader,
  sessionId: string,
  channels: string[],
): Promise<boolean> {
  const where = { sessionId, channel: { in: channels }, bytesCompleted: { gt: 0 } }
  return (await reader.transfer.findFirst({ where, select: { n: true } })) !== null
}

export function readRunningTransfers(tx: Transaction): Promise<{ sessionId: string; n: number }[]> {
  return tx.transfer.findMany({ where: { state: 'running' }, select: { sessionId: true, n: true } })
}
