// Who am I.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Me } from '../contract/overview.ts'
import { mayDo, permissions } from './permissions.ts'

export const identityRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/me',
    {
      config: { permission: 'lab.read' },
      schema: { summary: 'Who is asking, and what they may do', response: { 200: Me } },
    },
    async ({ actor }) => ({
      ...actor,
      permissions: permissions.filter((permission) => mayDo(actor, permission)),
    }),
  )
}
