// The address of one's own calendar, and the calendar itself, which needs no sign-in: its address is the secret.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { CalendarFeed, CalendarFeedState } from '../contract/booking.ts'
import { Nothing } from '../contract/schema.ts'
import type { CalendarFeeds } from './calendar-feed.ts'

export const calendarFeedRoutes: FastifyPluginAsyncTypebox<{ feeds: CalendarFeeds }> = async (
  app,
  { feeds },
) => {
  const own = { permission: 'self.manage' } as const

  app.get(
    '/me/calendar',
    {
      config: own,
      schema: {
        summary: 'Whether one’s bookings have an address for calendar programs',
        response: { 200: CalendarFeedState },
      },
    },
    async ({ actor }) => feeds.state(actor),
  )

  app.post(
    '/me/calendar',
    {
      config: own,
      schema: {
        summary: 'Make that address, or replace it; it is shown this once',
        body: Nothing,
        response: { 201: CalendarFeed },
      },
    },
    async ({ actor, id }, reply) => reply.code(201).send(await feeds.make({ actor, request: id })),
  )

  app.delete(
    '/me/calendar',
    {
      config: own,
      schema: { summary: 'Revoke that address', response: { 204: Type.Null() } },
    },
    async ({ actor, id }, reply) => {
      await feeds.revoke({ actor, request: id })
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/calendars/:token.ics',
    {
      config: { permission: 'public' },
      schema: {
        summary: 'Somebody’s bookings as iCalendar: 90 days back, and all that come',
        params: Type.Object({ token: Type.String({ maxLength: 100 }) }),
      },
    },
    async ({ params, ip }, reply) => {
      const calendar = await feeds.read(params.token, ip)
      return reply
        .type('text/calendar; charset=utf-8')
        .header('cache-control', 'private, no-store')
        .send(calendar)
    },
  )
}
