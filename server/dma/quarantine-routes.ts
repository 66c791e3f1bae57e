// Bringing a board back into use, for keepers.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { ClearQuarantine } from '../contract/board.ts'
import { BoardId } from '../contract/schema.ts'
import type { Dma } from './dma.ts'

export const quarantineRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.post(
    '/boards/:board/clear-quarantine',
    {
      config: { permission: 'board.maintain', confirmed: true },
      schema: {
        summary:
          'Open a quarantined or offline board anew and check it; the steps show on the board',
        params: Type.Object({ board: BoardId }),
        body: ClearQuarantine,
        response: { 202: Type.Null() },
      },
    },
    async ({ params, actor, id, body }, reply) => {
      await dma.quarantine.clear(params.board, { actor, request: id, reason: body.reason })
      return reply.code(202).send(null)
    },
  )
}
