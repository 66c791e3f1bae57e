// How one looks at a board on the bench, kept so that the next browser shows it the same.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { Boards } from '../boards/boards.ts'
import { BenchViews } from '../contract/bench-views.ts'
import { BoardId } from '../contract/schema.ts'
import type { Database } from '../plugins/database/database.ts'
import { readBenchViews, writeBenchViews } from './bench-views-store.ts'

const OfBoard = Type.Object({ board: BoardId })
const own = { permission: 'self.manage' } as const

export const benchViewsRoutes: FastifyPluginAsyncTypebox<{
  boards: Boards
  database: Database
}> = async (app, { boards, database }) => {
  app.get(
    '/me/boards/:board/views',
    {
      config: own,
      schema: {
        summary: 'How one looks at this board on the bench; empty where nothing was kept',
        params: OfBoard,
        response: { 200: BenchViews },
      },
    },
    async ({ params: { board }, actor }) => {
      await boards.state(board)
      return readBenchViews(database.reader, { personId: actor.id, board })
    },
  )

  app.put(
    '/me/boards/:board/views',
    {
      config: own,
      schema: {
        summary: 'Keep how one looks at this board on the bench',
        params: OfBoard,
        body: BenchViews,
        response: { 204: Type.Null() },
      },
    },
    async ({ params: { board }, actor, body }, reply) => {
      await boards.state(board)
      await database.write((tx) => writeBenchViews(tx, { personId: actor.id, board }, body))
      return reply.code(204).send(null)
    },
  )
}
