// The lab's rules over HTTP.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { Policy, PolicyChange } from '../contract/booking.ts'
import { entityTag, requireVersion } from '../entity-tag.ts'
import type { Policies } from './policies.ts'

export const policyRoutes: FastifyPluginAsyncTypebox<{ policies: Policies }> = async (
  app,
  { policies },
) => {
  app.get(
    '/policy',
    {
      config: { permission: 'lab.read' },
      schema: { summary: 'The rules for bookings', response: { 200: Policy } },
    },
    async (_request, reply) => {
      const policy = await policies.read()
      return reply.header('etag', entityTag(policy.version)).send(policy)
    },
  )

  app.patch(
    '/policy',
    {
      config: { permission: 'board.maintain', confirmed: true },
      schema: {
        summary: 'Change the rules for bookings; bookings that were made before stay',
        headers: Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 40 })) }),
        body: PolicyChange,
        response: { 200: Policy },
      },
    },
    async ({ headers, body, actor, id }, reply) => {
      const version = requireVersion(headers['if-match'])
      const policy = await policies.change(version, body, { actor, request: id })
      return reply.header('etag', entityTag(policy.version)).send(policy)
    },
  )
}
