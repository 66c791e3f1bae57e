// Runs of recipes over HTTP: start, look or wait, stop.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { RecipeRun, RunQuery, RunRequest } from '../../contract/recipe.ts'
import { BoardId, Id, Nothing, Page } from '../../contract/schema.ts'
import type { RecipeRuns } from './recipe-runs.ts'

const ById = Type.Object({ id: Id })
/** A stop answers after so long, even while the last step is still at work. */
const stopWaitMs = 10_000

export const runRoutes: FastifyPluginAsyncTypebox<{ runs: RecipeRuns }> = async (app, { runs }) => {
  app.addHook('preClose', () => runs.close())

  app.post(
    '/boards/:board/recipe-runs',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Run a recipe, or steps, on a board that one controls; a board runs one at a time',
        params: Type.Object({ board: BoardId }),
        body: RunRequest,
        response: { 202: RecipeRun },
      },
    },
    async ({ params, body, actor, id }, reply) =>
      reply.code(202).send(await runs.start(params.board, body, { actor, request: id })),
  )

  app.get(
    '/recipe-runs',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'The last runs that one may see, newest first',
        querystring: RunQuery,
        response: { 200: Page(RecipeRun) },
      },
    },
    async ({ query, actor }) => ({ items: await runs.list(query.board, actor), next: null }),
  )

  app.get(
    '/recipe-runs/:id',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'One run; with waitSeconds, answers when it has ended or the time is over',
        params: ById,
        querystring: Type.Object({
          waitSeconds: Type.Number({ minimum: 0, maximum: 60, default: 0 }),
        }),
        response: { 200: RecipeRun },
      },
    },
    async ({ params, query, actor }) => runs.read(params.id, actor, query.waitSeconds * 1000),
  )

  app.post(
    '/recipe-runs/:id/stop',
    {
      config: { permission: 'board.control', urgent: true },
      schema: {
        summary: 'Stop a run, and the transfers that it started; its locks stay',
        params: ById,
        body: Nothing,
        response: { 200: RecipeRun },
      },
    },
    async ({ params, actor }) => runs.stop(params.id, actor, stopWaitMs),
  )
}
