// Webhooks: the record is the outbox. Each one has its place in it, and none waits for another.

import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Webhook } from '../contract/webhook.ts'
import type { Database } from '../plugins/database/database.ts'
import type { WebhookSettings } from '../webhook-settings.ts'
import { lastSequence } from './audit-store.ts'
import { WebhookDelivery } from './webhook-delivery.ts'
import { addCursor, readCursor, removeOtherCursors } from './webhook-store.ts'

export class Webhooks {
  readonly #stop = new AbortController()
  readonly #deliveries: WebhookDelivery[]

  constructor(
    private readonly parts: {
      hooks: readonly WebhookSettings[]
      database: Database
      clock: Clock
      log: FastifyBaseLogger
    },
  ) {
    const { hooks, ...rest } = parts
    const stopped = this.#stop.signal
    this.#deliveries = hooks.map((hook) => new WebhookDelivery(hook, { ...rest, stopped }))
  }

  /** At start: a new one is told what happens from now on. */
  async begin(): Promise<void> {
    const names = this.parts.hooks.map(({ name }) => name)
    await this.parts.database.write(async (tx) => {
      await removeOtherCursors(tx, names)
      const seq = await lastSequence(tx)
      for (const name of names) {
        if (!(await readCursor(tx, name))) await addCursor(tx, name, seq)
      }
    })
  }

  /** Called once a second; waits for no receiver. */
  sweep(): void {
    for (const delivery of this.#deliveries) delivery.wake()
  }

  list(): Promise<Webhook[]> {
    return Promise.all(this.#deliveries.map((delivery) => delivery.describe()))
  }

  /** Those that have not been told all events up to this one. */
  async namesBehind(to: number): Promise<string[]> {
    const names: string[] = []
    for (const delivery of this.#deliveries) {
      if (await delivery.isBehind(to)) names.push(delivery.hook.name)
    }
    return names
  }

  /** Breaks off what is under way; it is told after the next start. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#deliveries.map((delivery) => delivery.settle()))
  }
}
