// The calendar over HTTP.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  Booking,
  BookingChange,
  BookingQuery,
  CancelQuery,
  NewBooking,
  NewMaintenance,
  NewSeries,
  Series,
} from '../contract/booking.ts'
import { BoardId, Id, Page } from '../contract/schema.ts'
import { entityTag, requireVersion } from '../entity-tag.ts'
import type { Bookings } from './bookings.ts'
import type { Maintenance } from './maintenance.ts'

const ById = Type.Object({ id: Id })

export const bookingRoutes: FastifyPluginAsyncTypebox<{
  bookings: Bookings
  maintenance: Maintenance
}> = async (app, { bookings, maintenance }) => {
  const read = { permission: 'lab.read' } as const
  const book = { permission: 'board.book' } as const

  app.get(
    '/bookings',
    {
      config: read,
      schema: {
        summary: 'The calendar, by start: what ends after `from` and begins before `to`',
        querystring: BookingQuery,
        response: { 200: Page(Booking) },
      },
    },
    async ({ query, actor }) => bookings.list(query, actor),
  )

  app.get(
    '/bookings/:id',
    {
      config: read,
      schema: { summary: 'One booking', params: ById, response: { 200: Booking } },
    },
    async ({ params }, reply) => {
      const booking = await bookings.find(params.id)
      return reply.header('etag', entityTag(booking.version)).send(booking)
    },
  )

  app.post(
    '/bookings',
    {
      config: book,
      schema: {
        summary: 'Book a board; a refusal says which rule, and the nearest free time',
        body: NewBooking,
        response: { 201: Booking },
      },
    },
    async ({ body, actor, id }, reply) =>
      reply.code(201).send(await bookings.book(body, { actor, request: id })),
  )

  app.post(
    '/bookings/series',
    {
      config: book,
      schema: {
        summary: 'Book a board every week: all times, or none and which cannot be',
        body: NewSeries,
        response: { 201: Series },
      },
    },
    async ({ body, actor, id }, reply) =>
      reply.code(201).send(await bookings.bookSeries(body, { actor, request: id })),
  )

  app.patch(
    '/bookings/:id',
    {
      config: book,
      schema: {
        summary: 'Move a booking that has not begun, or change its note; needs If-Match',
        params: ById,
        headers: Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 40 })) }),
        body: BookingChange,
        response: { 200: Booking },
      },
    },
    async ({ params, headers, body, actor, id }, reply) => {
      const version = requireVersion(headers['if-match'])
      const booking = await bookings.change(params.id, version, body, { actor, request: id })
      return reply.header('etag', entityTag(booking.version)).send(booking)
    },
  )

  app.delete(
    '/bookings/:id',
    {
      config: book,
      schema: {
        summary: 'Cancel a booking that has not begun; somebody else’s only with a reason',
        params: ById,
        querystring: CancelQuery,
        response: { 200: Booking },
      },
    },
    async ({ params, query, actor, id }) =>
      bookings.cancel(params.id, query, { actor, request: id }),
  )

  app.post(
    '/boards/:board/maintenance',
    {
      config: { permission: 'board.maintain' },
      schema: {
        summary: 'Plan maintenance; what is in the way is listed, or cancelled with cancel: true',
        params: Type.Object({ board: BoardId }),
        body: NewMaintenance,
        response: { 201: Booking },
      },
    },
    async ({ params, body, actor, id }, reply) =>
      reply.code(201).send(await maintenance.plan(params.board, body, { actor, request: id })),
  )
}
