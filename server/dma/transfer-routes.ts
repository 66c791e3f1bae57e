// Transfers over HTTP: start, list, wait, stop.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { Transfer, TransferRequest, Verification, VerifyRequest } from '../contract/dma-session.ts'
import { Id, Nothing, Page } from '../contract/schema.ts'
import type { Dma } from './dma.ts'

const OfSession = Type.Object({ id: Id })
const N = Type.Integer({ minimum: 1, maximum: 0x7fff_ffff })
const One = Type.Object({ id: Id, n: N })

export const transferRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  const { transfers, verifying } = dma

  app.get(
    '/dma-sessions/:id/transfers',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'Transfers of one DMA session, newest first',
        params: OfSession,
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
          cursor: Type.Optional(N),
        }),
        response: { 200: Page(Transfer) },
      },
    },
    async ({ actor, params, query: { limit, cursor } }) => {
      await dma.readSession(params.id, actor)
      return transfers.list(params.id, {
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
      })
    },
  )

  app.post(
    '/dma-sessions/:id/transfers',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Start a transfer between the board and the locked memory',
        params: OfSession,
        body: TransferRequest,
        response: { 201: Transfer },
      },
    },
    async (request, reply) => {
      const { params, actor, body, id } = request
      return reply.code(201).send(await transfers.start(params.id, actor, body, id))
    },
  )

  app.post(
    '/dma-sessions/:id/verify',
    {
      config: { permission: 'board.control' },
      schema: {
        summary:
          "Send a pattern to the board's memory and back, which overwrites both; answers with where what came back differs",
        params: OfSession,
        body: VerifyRequest,
        response: { 200: Verification },
      },
    },
    async ({ params, actor, body, id }) =>
      verifying.verify({ session: params.id, actor, request: id }, body),
  )

  app.get(
    '/dma-sessions/:id/transfers/:n',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'One transfer; with waitSeconds, answers when it has ended or the time is over',
        params: One,
        querystring: Type.Object({
          waitSeconds: Type.Number({ minimum: 0, maximum: 60, default: 0 }),
        }),
        response: { 200: Transfer },
      },
    },
    async ({ actor, params: { id, n }, query }) => {
      await dma.readSession(id, actor)
      return transfers.wait(id, n, query.waitSeconds * 1000)
    },
  )

  app.post(
    '/dma-sessions/:id/transfers/:n/stop',
    {
      config: { permission: 'board.control', urgent: true },
      schema: {
        summary: 'Stop a transfer; answers when the engine is idle',
        params: One,
        body: Nothing,
        response: { 200: Transfer },
      },
    },
    async ({ params: { id, n }, actor }) => transfers.stop(id, n, actor),
  )
}
