// One webhook: told the events of the record one after the other, in their order, each until the receiver has taken it.

import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Webhook } from '../contract/webhook.ts'
import type { Database } from '../plugins/database/database.ts'
import type { WebhookSettings } from '../webhook-settings.ts'
import { record } from './audit.ts'
import { lastSequence } from './audit-store.ts'
import { postSigned } from './signed-post.ts'
import { bodyOf, giveUp, isPausing, pauseMs } from './webhook-rules.ts'
import {
  type CursorRow,
  changeCursor,
  countEvents,
  readCursor,
  readLastSequence,
  readNextEvents,
} from './webhook-store.ts'

const batch = 20

export interface DeliveryParts {
  database: Database
  clock: Clock
  log: FastifyBaseLogger
  /** Ends what is under way. */
  stopped: AbortSignal
}

export class WebhookDelivery {
  #work: Promise<void> | null = null
  /** Something may have come after the work under way had looked. */
  #woken = false
  /** Up to here the record has nothing more for it. */
  #seen = 0

  constructor(
    readonly hook: WebhookSettings,
    private readonly parts: DeliveryParts,
  ) {}

  /** Begins to tell what is due, unless that is under way. */
  wake(): void {
    this.#woken = this.#work !== null
    if (this.#work || this.parts.stopped.aborted) return
    this.#work = this.#tellAll()
      .catch((error) => {
        if (this.parts.stopped.aborted) return
        this.parts.log.error({ err: error, webhook: this.hook.name }, 'a webhook was not told')
      })
      .finally(() => {
        this.#work = null
        if (this.#woken) this.wake()
      })
  }

  async settle(): Promise<void> {
    await this.#work
  }

  async describe(): Promise<Webhook> {
    const { name, url, events } = this.hook
    const cursor = await this.#cursor()
    const behind = await countEvents(this.parts.database.reader, { after: cursor.seq, events })
    return {
      name,
      url: `${url.origin}${url.pathname}`,
      events: [...events],
      lastSuccessAt: cursor.lastSuccessAt?.toISOString() ?? null,
      failures: cursor.failures,
      lastError: cursor.lastError,
      retryAt: cursor.nextAt?.toISOString() ?? null,
      behind,
      passedOver: cursor.passedOver,
    }
  }

  /** Some event up to this one is still to be told. */
  async isBehind(to: number): Promise<boolean> {
    const { seq: after } = await this.#cursor()
    const { events } = this.hook
    return (await countEvents(this.parts.database.reader, { after, to, events })) > 0
  }

  async #tellAll(): Promise<void> {
    const { database, stopped } = this.parts
    const { events } = this.hook
    const last = await readLastSequence(database.reader)
    if (last === this.#seen) return
    while (!stopped.aborted) {
      const cursor = await this.#cursor()
      if (isPausing(cursor, this.parts.clock.now())) return
      const after = cursor.seq
      // The numbers of the log are without gaps, so this is rarely worth a count.
      if (last - after > giveUp.behind) {
        const behind = await countEvents(database.reader, { after, events })
        if (behind > giveUp.behind) return this.#passOver('too far behind')
      }
      const next = await readNextEvents(database.reader, { after, events }, batch)
      if (next.length === 0) {
        this.#seen = last
        return
      }
      if (!(await this.#tell(next))) return
    }
  }

  /** False: not all of them could be told. */
  async #tell(events: { seq: number; payload: string }[]): Promise<boolean> {
    const { database, clock, stopped } = this.parts
    const { url, secret } = this.hook
    for (const { seq, payload } of events) {
      const body = bodyOf(payload)
      const error = await postSigned({ url, secret, body, now: clock.now(), stopped })
      if (error !== null) {
        // What was broken off because the server stops is told after its start.
        if (!stopped.aborted) await this.#failed(error)
        return false
      }
      const lastSuccessAt = new Date(clock.now())
      const well = { failures: 0, failingSince: null, nextAt: null, lastError: null }
      await database.write((tx) =>
        changeCursor(tx, this.hook.name, { seq, lastSuccessAt, ...well }),
      )
    }
    return true
  }

  async #failed(lastError: string): Promise<void> {
    const { database, clock, log } = this.parts
    const { name } = this.hook
    const before = await this.#cursor()
    const now = clock.now()
    const failures = before.failures + 1
    const failingSince = before.failingSince ?? new Date(now)
    if (failures === 1) log.warn({ webhook: name }, lastError)
    const nextAt = new Date(now + pauseMs(failures, Math.random()))
    await database.write((tx) =>
      changeCursor(tx, name, { failures, failingSince, nextAt, lastError }),
    )
    if (now - failingSince.getTime() >= giveUp.afterMs) await this.#passOver('failed for a day')
  }

  /** What has gathered is never told; what comes from here on is, and is tried anew. */
  async #passOver(why: string): Promise<void> {
    const { database, log } = this.parts
    const { name, events } = this.hook
    const count = await database.write(async (tx) => {
      const { seq: after, passedOver } = await this.#cursor(tx)
      const seq = await lastSequence(tx)
      const count = await countEvents(tx, { after, events })
      const anew = { failures: 0, failingSince: null, nextAt: null }
      await changeCursor(tx, name, { seq, passedOver: passedOver + count, ...anew })
      const detail = { webhook: name, count, after, to: seq, why }
      await record(tx, { type: 'webhook.passed-over', actor: 'system', detail })
      return count
    })
    log.warn({ webhook: name, count, why }, 'a webhook was given up on what had gathered')
  }

  async #cursor(
    reader: Parameters<typeof readCursor>[0] = this.parts.database.reader,
  ): Promise<CursorRow> {
    const cursor = await readCursor(reader, this.hook.name)
    if (!cursor) throw new Error(`the webhook ${this.hook.name} has no cursor`)
    return cursor
  }
}
