// After the wall clock was moved: a keeper says that it is right.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { record } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import { Nothing } from '../contract/schema.ts'
import type { Database } from '../plugins/database/database.ts'

export const clockRoutes: FastifyPluginAsyncTypebox<{ clock: Clock; database: Database }> = async (
  app,
  { clock, database },
) => {
  app.post(
    '/clock/accept',
    {
      config: { permission: 'board.maintain' },
      schema: {
        summary: 'Take the clock of the host for right after it was moved; bookings go on by it',
        body: Nothing,
        response: { 204: Type.Null() },
      },
    },
    async ({ actor, id }, reply) => {
      const step = clock.step()
      if (step) {
        const detail = { byMs: Math.round(step.byMs) }
        await database.write((tx) =>
          record(tx, { type: 'clock.accepted', actor: actor.id, request: id, detail }),
        )
        clock.acceptStep()
      }
      return reply.code(204).send(null)
    },
  )
}
