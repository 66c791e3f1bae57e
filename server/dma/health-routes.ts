// Checking a board, for keepers, and resetting it, for whoever controls it.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { BoardId, Nothing } from '../contract/schema.ts'
import type { Dma } from './dma.ts'

const OfBoard = Type.Object({ board: BoardId })
const begun = { 202: Type.Null() }

export const healthRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.post(
    '/boards/:board/health-check',
    {
      config: { permission: 'board.maintain' },
      schema: {
        summary: 'Check a board that nobody has; one that fails is quarantined',
        params: OfBoard,
        body: Nothing,
        response: begun,
      },
    },
    async ({ params, actor, id }, reply) => {
      await dma.health.request(params.board, { actor, request: id })
      return reply.code(202).send(null)
    },
  )

  app.post(
    '/boards/:board/reset',
    {
      config: { permission: 'board.control', urgent: true },
      schema: {
        summary: 'Reset the board that one controls: its transfers fail, its locks stay',
        params: OfBoard,
        body: Nothing,
        response: begun,
      },
    },
    async ({ params, actor, id }, reply) => {
      await dma.resets.request(params.board, { actor, request: id })
      return reply.code(202).send(null)
    },
  )
}
