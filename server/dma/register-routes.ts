// Registers of a board over HTTP, for who holds its lease.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { RegisterOperations, RegisterResults } from '../contract/board.ts'
import { BoardId } from '../contract/schema.ts'
import type { Dma } from './dma.ts'

export const registerRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.post(
    '/boards/:board/register-operations',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'A batch of register reads, writes and poll-untils, in order',
        params: Type.Object({ board: BoardId }),
        body: RegisterOperations,
        response: { 200: RegisterResults },
      },
    },
    async ({ params, actor, id, body }) => ({
      values: await dma.operateRegisters(
        { board: params.board, actor, request: id },
        body.operations,
      ),
    }),
  )
}
