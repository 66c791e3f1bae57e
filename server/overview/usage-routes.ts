// The lab's use over HTTP.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Usage, UsageQuery } from '../contract/usage.ts'
import type { UsageReports } from './usage.ts'

export const usageRoutes: FastifyPluginAsyncTypebox<{ usage: UsageReports }> = async (
  app,
  { usage },
) => {
  app.get(
    '/audit/usage',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'How much the boards were used, by day and board or person: by all, or by oneself',
        querystring: UsageQuery,
        response: { 200: Usage },
      },
    },
    async ({ actor, query }) => usage.report(query, actor),
  )
}
