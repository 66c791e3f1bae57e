// How the webhooks of the configuration do, for keepers.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Page } from '../contract/schema.ts'
import { Webhook } from '../contract/webhook.ts'
import type { Webhooks } from './webhooks.ts'

export const webhookRoutes: FastifyPluginAsyncTypebox<{ webhooks: Webhooks }> = async (
  app,
  { webhooks },
) => {
  app.get(
    '/webhooks',
    {
      config: { permission: 'host.inspect' },
      schema: {
        summary: 'The webhooks of pinlab.yaml: how far each was told, and what went wrong',
        response: { 200: Page(Webhook) },
      },
    },
    async () => ({ items: await webhooks.list(), next: null }),
  )
}
