// Webhooks: who is told, over HTTP, what happens to boards and bookings.

import Type, { type Static } from 'typebox'
import { Nullable, Time } from './schema.ts'

/** What is told; `.*` stands for all whose name begins so. */
export const WebhookEvent = Type.Enum([
  'booking.*',
  'queue.*',
  'lease.*',
  'board.state',
  'board.fault',
  'clock.stepped',
])
export type WebhookEvent = Static<typeof WebhookEvent>
export const webhookEvents: readonly WebhookEvent[] = WebhookEvent.enum

export const Webhook = Type.Object({
  name: Type.String(),
  url: Type.String({ description: 'without its query, which may be a secret' }),
  events: Type.Array(WebhookEvent),
  lastSuccessAt: Nullable(Time),
  failures: Type.Integer({ minimum: 0, description: 'in a row, since the last success' }),
  lastError: Nullable(Type.String({ description: 'what went wrong last, for people' })),
  retryAt: Nullable(Time),
  behind: Type.Integer({ minimum: 0, description: 'events that it has not been told yet' }),
  passedOver: Type.Integer({ minimum: 0, description: 'events that it was never told' }),
})
export type Webhook = Static<typeof Webhook>
