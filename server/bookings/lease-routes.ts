// Taking and giving back control of a board.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { Lease } from '../contract/lease.ts'
import { BoardId, Id, Nothing } from '../contract/schema.ts'
import type { Leases } from './leases.ts'

export const leaseRoutes: FastifyPluginAsyncTypebox<{ leases: Leases }> = async (
  app,
  { leases },
) => {
  app.post(
    '/boards/:board/lease',
    {
      config: { permission: 'board.book' },
      schema: {
        summary: 'Take control of a free board now',
        params: Type.Object({ board: BoardId }),
        body: Nothing,
        response: { 201: Lease },
      },
    },
    async (request, reply) => {
      const lease = await leases.take(request.params.board, request.actor, request.id)
      return reply.code(201).send(lease)
    },
  )

  app.post(
    '/leases/:id/release',
    {
      config: { permission: 'board.book', urgent: true },
      schema: {
        summary: 'Give the board back: its transfers are stopped and its locks end',
        params: Type.Object({ id: Id }),
        body: Nothing,
        response: { 200: Lease },
      },
    },
    async (request) => leases.release(request.params.id, request.actor, request.id),
  )
}
