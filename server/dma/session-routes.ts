// DMA sessions over HTTP: lock, list, look, sync, unlock.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  DmaSession,
  DmaSessionSummary,
  LockRequest,
  SessionQuery,
  SyncRequest,
} from '../contract/dma-session.ts'
import { BoardId, Id, Nothing, Page } from '../contract/schema.ts'
import type { Dma } from './dma.ts'

const One = Type.Object({ id: Id })

export const sessionRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.post(
    '/boards/:board/locks',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Lock memory for the board: begins a DMA session',
        params: Type.Object({ board: BoardId }),
        body: LockRequest,
        response: { 201: DmaSession },
      },
    },
    async (request, reply) => {
      const { params, actor, body, id } = request
      return reply.code(201).send(await dma.locking.lock(params.board, actor, body, id))
    },
  )

  app.get(
    '/dma-sessions',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'DMA sessions, newest first',
        querystring: SessionQuery,
        response: { 200: Page(DmaSessionSummary) },
      },
    },
    async ({ actor, query }) => dma.listSessions(query, actor),
  )

  app.get(
    '/dma-sessions/:id',
    {
      config: { permission: 'session.read' },
      schema: { summary: 'One DMA session', params: One, response: { 200: DmaSession } },
    },
    async ({ actor, params }) => dma.readSession(params.id, actor),
  )

  app.post(
    '/dma-sessions/:id/unlock',
    {
      config: { permission: 'board.control', urgent: true },
      schema: {
        summary: 'Unlock the memory; 409 with WD_TRY_AGAIN while a transfer runs',
        params: One,
        body: Nothing,
        response: { 200: DmaSession },
      },
    },
    async (request) => {
      await dma.locking.unlock(request.params.id, request.actor, request.id)
      return dma.readSession(request.params.id, request.actor)
    },
  )

  app.post(
    '/dma-sessions/:id/sync',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Make the memory coherent for the device or the CPU; drivers do so by themselves',
        params: One,
        body: SyncRequest,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await dma.locking.sync(request.params.id, request.actor, request.body.for)
      return reply.code(204).send(null)
    },
  )
}
