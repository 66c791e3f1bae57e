// The record: what happened is written in the transaction that makes it so.

import { randomUUID } from 'node:crypto'
import type { Transaction } from '../plugins/database/database.ts'
import { appendEvent, lastSequence } from './audit-store.ts'

export type AuditEventType =
  | 'server.started'
  | 'server.stopped'
  | 'lab.set-up'
  | 'person.signed-in'
  | 'person.sign-in-failed'
  | 'person.signed-out'
  | 'person.invited'
  | 'person.changed'
  | 'person.link-made'
  | 'person.password-set'
  | 'token.made'
  | 'token.revoked'
  | 'lease.started'
  | 'lease.ending'
  | 'lease.ended'
  | 'lease.extended'
  | 'lease.members'
  | 'lease.override'
  | 'lease.watching'
  | 'booking.made'
  | 'booking.changed'
  | 'booking.cancelled'
  | 'booking.missed'
  | 'booking.over'
  | 'queue.joined'
  | 'queue.left'
  | 'queue.offered'
  | 'queue.missed'
  | 'policy.changed'
  | 'clock.stepped'
  | 'clock.accepted'
  | 'board.state'
  | 'dma.lock.requested'
  | 'dma.lock.granted'
  | 'dma.lock.failed'
  | 'dma.lock.ended'
  | 'dma.lock.orphaned'
  | 'dma.transfer.requested'
  | 'dma.transfer.ended'
  | 'dma.data.written'
  | 'dma.data.filled'
  | 'capture.taken'
  | 'capture.deleted'
  | 'capture.downloaded'
  | 'capture.skipped'
  | 'board.memory'
  | 'board.fault'
  | 'board.registers'
  | 'board.clearing-requested'

export interface AuditEvent {
  type: AuditEventType
  /** Who: a person's id, or `system`. */
  actor: string
  board?: string
  /** The DMA session's id. */
  session?: string
  /** Request id of the HTTP request behind it. */
  request?: string
  /** What else a reader needs; JSON. */
  detail?: Record<string, unknown>
}

/** Tells events of one run of the server from those of the next: monotonic times compare only within one. */
const boot = randomUUID()

/**
 * Appends the event to the log and returns its sequence number. The stored text is exactly what later proofs are made over: it
 * carries its own sequence, is written once and never re-serialised.
 */
export async function record(tx: Transaction, event: AuditEvent): Promise<number> {
  const seq = (await lastSequence(tx)) + 1
  const at = new Date()
  const { type, actor, board, session, request, detail } = event
  const payload = JSON.stringify({
    v: 1,
    seq,
    at: at.toISOString(),
    monotonicNs: process.hrtime.bigint().toString(),
    boot,
    type,
    actor,
    board,
    session,
    request,
    detail,
  })
  await appendEvent(tx, { seq, payload, at, type, actor, board, session })
  return seq
}
