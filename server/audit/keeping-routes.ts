// What administrators do to the log itself: its key, its retention, the erasure of personal data.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  Erased,
  ErasureRequest,
  KeyChanged,
  KeyChangeRequest,
  Pruned,
  PruneRequest,
} from '../contract/audit.ts'
import type { Erasing } from './erasing.ts'
import { changeKey, type KeyChangeParts } from './key-change.ts'
import type { Pruning } from './pruning.ts'

export const keepingRoutes: FastifyPluginAsyncTypebox<{
  erasing: Erasing
  pruning: Pruning
  keyChange: Omit<KeyChangeParts, 'log'>
}> = async (app, { erasing, pruning, keyChange }) => {
  const config = { permission: 'audit.keep', confirmed: true } as const

  app.post(
    '/audit/key',
    {
      config,
      schema: {
        summary: 'A new key that signs the audit log, vouched for by the old one',
        body: KeyChangeRequest,
        response: { 200: KeyChanged },
      },
    },
    async ({ actor, body: { reason } }) =>
      changeKey({ ...keyChange, log: app.log }, { reason, actor: actor.id }),
  )

  app.post(
    '/audit/prune',
    {
      config,
      schema: {
        summary: 'Remove exported events from the audit log, oldest first; their hashes stay',
        body: PruneRequest,
        response: { 200: Pruned },
      },
    },
    async ({ actor, body }) => pruning.prune(body, { actor: actor.id }),
  )

  app.post(
    '/audit/erase',
    {
      config,
      schema: {
        summary: 'Erase names, logins and addresses of a disabled person; the log still verifies',
        body: ErasureRequest,
        response: { 200: Erased },
      },
    },
    async ({ actor, body }) => erasing.erase(body, { actor: actor.id }),
  )
}
