// The record: what happened is written in the transaction that makes it so.

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { AuditPartKind } from '../contract/audit.ts'
import { beforeCommit, type Transaction } from '../plugins/database/database.ts'
import { auditContext, spooledAt } from './audit-context.ts'
import {
  addSegment,
  appendEvents,
  readTree,
  type StoredPart,
  segmentLength,
  setTree,
} from './audit-store.ts'
import { leafHash } from './merkle.ts'

export type AuditEventType =
  | 'server.started'
  | 'server.stopped'
  | 'lab.set-up'
  | 'person.signed-in'
  | 'person.sign-in-failed'
  | 'person.signed-out'
  | 'person.confirmed'
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
  | 'calendar.made'
  | 'calendar.revoked'
  | 'clock.stepped'
  | 'clock.accepted'
  | 'board.state'
  | 'board.step'
  | 'dma.lock.requested'
  | 'dma.lock.granted'
  | 'dma.lock.failed'
  | 'dma.lock.ended'
  | 'dma.lock.orphaned'
  | 'dma.transfer.requested'
  | 'dma.transfer.ended'
  | 'dma.data.written'
  | 'dma.data.filled'
  | 'dma.verify.requested'
  | 'dma.verify.ended'
  | 'capture.taken'
  | 'capture.uploaded'
  | 'capture.annotated'
  | 'capture.compared'
  | 'capture.deleted'
  | 'capture.downloaded'
  | 'capture.skipped'
  | 'board.memory'
  | 'board.fault'
  | 'board.registers'
  | 'board.check-requested'
  | 'board.clearing-requested'
  | 'board.reset-requested'
  | 'recipe.made'
  | 'recipe.changed'
  | 'recipe.deleted'
  | 'recipe.started'
  | 'recipe.ended'
  | 'webhook.passed-over'
  | 'audit.begun'
  | 'audit.damaged'
  | 'audit.rolled-back'
  | 'audit.spooled'
  | 'audit.exported'
  | 'audit.pruned'
  | 'audit.erased'
  | 'audit.key-made'
  | 'audit.key-changed'
  | 'server.restored'

/** Data that is kept beside the event, which carries only a commitment to it: a salted hash. */
export interface AuditPart {
  kind: AuditPartKind
  /** Whose data it is, so that all of it can be erased; null for a board's. */
  of: string | null
  value: Record<string, unknown>
}

export interface AuditEvent {
  type: AuditEventType
  /** Who: a person's id, or `system`. */
  actor: string
  board?: string
  /** The DMA session's id. */
  session?: string
  /** Request id of the HTTP request behind it. */
  request?: string
  /** What else a reader needs; JSON. Names and network addresses of people belong into a part. */
  detail?: Record<string, unknown>
  parts?: AuditPart[]
  /** Ms since the epoch; now, unless it could not be recorded when it happened. */
  at?: number
}

/** Names, logins or addresses of a person. */
export const personal = (of: string | null, value: Record<string, unknown>): AuditPart => ({
  kind: 'personal',
  of,
  value,
})

const segmentLevel = Math.log2(segmentLength)

/** Tells events of one run of the server from those of the next: monotonic times compare only within one. */
const boot = randomUUID()

interface Waiting extends AuditEvent {
  at: number
  monotonicNs: bigint
}

/** What the open transactions are going to append. */
const waiting = new WeakMap<Transaction, Waiting[]>()

/**
 * Appends the event to the log, at the end of the transaction: what it says and the state that it tells of are committed together,
 * or neither. The stored text is exactly what proofs are made over: it carries its own sequence number, is written once and never
 * re-serialised.
 */
export async function record(tx: Transaction, event: AuditEvent): Promise<void> {
  let events = waiting.get(tx)
  if (!events) {
    events = []
    waiting.set(tx, events)
    beforeCommit(tx, append)
  }
  const then = spooledAt()
  const detail = then === undefined ? event.detail : { ...event.detail, spooled: true }
  events.push({
    ...withContext(event),
    ...(detail ? { detail } : {}),
    at: event.at ?? then ?? Date.now(),
    monotonicNs: process.hrtime.bigint(),
  })
}

/** What the request behind it adds, if the actor is who asked. */
function withContext(event: AuditEvent): AuditEvent & { by?: object } {
  const context = auditContext()
  const { actor } = event
  if (!context || actor === 'system' || (context.actor && context.actor.id !== actor)) return event
  const { credential, method, name } = context.actor ?? {}
  const who = { ...(name === undefined ? {} : { name }), address: context.address }
  return {
    ...event,
    request: event.request ?? context.request,
    ...(credential ? { by: { method, credential } } : {}),
    parts: [personal(actor, who), ...(event.parts ?? [])],
  }
}

async function append(tx: Transaction): Promise<void> {
  const events = waiting.get(tx) ?? []
  const tree = await readTree(tx)
  const rows = events.map((event) => {
    const seq = tree.size + 1
    const { type, actor, board, session } = event
    const { payload, parts } = written(seq, event)
    const leaf = leafHash(payload)
    const segment = tree.append(leaf)[segmentLevel]
    return {
      ...{ seq, payload, leafHash: leaf, at: new Date(event.at), type, actor, board, session },
      ...{ parts, segment },
    }
  })
  await appendEvents(tx, rows)
  for (const { seq, segment } of rows) {
    if (segment) await addSegment(tx, seq / segmentLength - 1, segment)
  }
  await setTree(tx, tree)
}

function written(
  seq: number,
  { parts = [], at, monotonicNs, ...event }: Waiting & { by?: object },
): { payload: string; parts: StoredPart[] } {
  const stored = parts.map(({ kind, of, value }, n) => {
    const salt = randomBytes(16)
    return { seq, n, kind, of, salt, text: JSON.stringify(value) }
  })
  const { type, actor, by, board, session, request, detail } = event
  const payload = JSON.stringify({
    v: 2,
    seq,
    at: new Date(at).toISOString(),
    monotonicNs: monotonicNs.toString(),
    boot,
    type,
    actor,
    by,
    board,
    session,
    request,
    detail,
    parts: stored.length === 0 ? undefined : stored.map(commitment),
  })
  return { payload, parts: stored }
}

/** As it stands in the payload: the hash binds the text, and the salt keeps it from being guessed once the text is erased. */
export function commitment({ kind, of, salt, text }: Omit<StoredPart, 'seq' | 'n'>): object {
  const sha256 = createHash('sha256').update(salt).update(text).digest('hex')
  return { kind, of, sha256 }
}
