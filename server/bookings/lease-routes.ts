// Taking control of a board, sharing it, and giving it back.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { GivenReason } from '../contract/booking.ts'
import { ExtendLease, Lease, LeaseMembers, LeaseWatching } from '../contract/lease.ts'
import { BoardId, Id, Nothing } from '../contract/schema.ts'
import type { LeaseSharing } from './lease-sharing.ts'
import type { Leases } from './leases.ts'

const ById = Type.Object({ id: Id })
const book = { permission: 'board.book' } as const
const maintain = { permission: 'board.maintain' } as const

export const leaseRoutes: FastifyPluginAsyncTypebox<{
  leases: Leases
  leaseSharing: LeaseSharing
}> = async (app, { leases, leaseSharing }) => {
  app.post(
    '/boards/:board/lease',
    {
      config: book,
      schema: {
        summary: 'Take control: in one’s booking, of what the queue offers, or of a free board now',
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
      config: { ...book, urgent: true },
      schema: {
        summary: 'Give the board back: its transfers are stopped and its locks end',
        params: ById,
        body: Nothing,
        response: { 200: Lease },
      },
    },
    async ({ params, actor, id }) => leases.release(params.id, { actor, request: id }),
  )

  app.post(
    '/leases/:id/extend',
    {
      config: book,
      schema: {
        summary: 'More time, if nobody follows or waits; the default time if none is given',
        params: ById,
        body: ExtendLease,
        response: { 200: Lease },
      },
    },
    async ({ params, body, actor, id }) =>
      leases.extend(params.id, body.minutes, { actor, request: id }),
  )

  app.put(
    '/leases/:id/members',
    {
      config: book,
      schema: {
        summary: 'Who controls the board too, by login; keepers who made themselves members stay',
        params: ById,
        body: LeaseMembers,
        response: { 200: Lease },
      },
    },
    async ({ params, body, actor, id }) =>
      leaseSharing.setMembers(params.id, body.logins, { actor, request: id }),
  )

  app.put(
    '/leases/:id/watching',
    {
      config: book,
      schema: {
        summary: 'Let everyone signed in see the bytes of the lease’s locks, or not any more',
        params: ById,
        body: LeaseWatching,
        response: { 200: Lease },
      },
    },
    async ({ params, body, actor, id }) =>
      leaseSharing.setWatchable(params.id, body.watchable, { actor, request: id }),
  )

  app.post(
    '/leases/:id/revoke',
    {
      config: { ...maintain, urgent: true },
      schema: {
        summary: 'End somebody’s lease, with a reason that they see',
        params: ById,
        body: GivenReason,
        response: { 200: Lease },
      },
    },
    async ({ params, body, actor, id }) =>
      leases.revoke(params.id, body.reason, { actor, request: id }),
  )

  app.post(
    '/leases/:id/override',
    {
      config: maintain,
      schema: {
        summary: 'Control somebody’s board, with a reason that they see',
        params: ById,
        body: GivenReason,
        response: { 200: Lease },
      },
    },
    async ({ params, body, actor, id }) =>
      leaseSharing.override(params.id, body.reason, { actor, request: id }),
  )
}
