// The waiting lines over HTTP.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { JoinQueue, QueueEntry } from '../contract/booking.ts'
import { BoardId, Id, Nothing, Page } from '../contract/schema.ts'
import type { Queue } from './queue.ts'
import type { QueuePlaces } from './queue-places.ts'

const OfBoard = Type.Object({ board: BoardId })
const read = { permission: 'lab.read' } as const
const book = { permission: 'board.book' } as const

export const queueRoutes: FastifyPluginAsyncTypebox<{
  queue: Queue
  places: QueuePlaces
}> = async (app, { queue, places }) => {
  app.get(
    '/boards/:board/queue',
    {
      config: read,
      schema: {
        summary: 'Who waits for a board or one like it, first come first',
        params: OfBoard,
        response: { 200: Page(QueueEntry) },
      },
    },
    async ({ params }) => ({ items: await places.list(params), next: null }),
  )

  app.post(
    '/boards/:board/queue',
    {
      config: book,
      schema: {
        summary: 'Wait for a board: an offer comes as a held booking, to be claimed in time',
        params: OfBoard,
        body: Nothing,
        response: { 201: QueueEntry },
      },
    },
    async ({ params, actor, id }, reply) =>
      reply.code(201).send(await queue.join(params.board, { actor, request: id })),
  )

  app.delete(
    '/boards/:board/queue/me',
    {
      config: book,
      schema: {
        summary: 'Leave the line of a board',
        params: OfBoard,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, actor, id }, reply) => {
      await queue.leaveBoard(params.board, { actor, request: id })
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/queue/me',
    {
      config: read,
      schema: { summary: 'All lines that one waits in', response: { 200: Page(QueueEntry) } },
    },
    async ({ actor }) => ({ items: await places.list({ person: actor.id }), next: null }),
  )

  app.post(
    '/queue',
    {
      config: book,
      schema: {
        summary: 'Wait for any board that has all of these tags',
        body: JoinQueue,
        response: { 201: QueueEntry },
      },
    },
    async ({ body, actor, id }, reply) =>
      reply.code(201).send(await queue.joinByTags(body.tags, { actor, request: id })),
  )

  app.delete(
    '/queue/:id',
    {
      config: book,
      schema: {
        summary: 'Give up a place; an offer goes to the next',
        params: Type.Object({ id: Id }),
        response: { 204: Type.Null() },
      },
    },
    async ({ params, actor, id }, reply) => {
      await queue.leave(params.id, { actor, request: id })
      return reply.code(204).send(null)
    },
  )
}
