// Administration of people.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  Invited,
  NamedPerson,
  NewPerson,
  OneTimeLink,
  Person,
  PersonChange,
} from '../contract/identity.ts'
import { Id, Nothing, Page, PageQuery } from '../contract/schema.ts'
import { entityTag, requireVersion } from '../entity-tag.ts'
import type { People } from './people.ts'

const ById = Type.Object({ id: Id })

export const peopleRoutes: FastifyPluginAsyncTypebox<{ people: People }> = async (
  app,
  { people },
) => {
  const manage = { permission: 'people.manage' } as const
  const change = { ...manage, confirmed: true } as const

  app.get(
    '/users',
    {
      config: manage,
      schema: {
        summary: 'People, newest first',
        querystring: PageQuery,
        response: { 200: Page(Person) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const items = await people.list({ limit, after: cursor })
      return { items, next: items.length === limit ? (items.at(-1)?.id ?? null) : null }
    },
  )

  app.get(
    '/users/names',
    {
      config: { permission: 'session.read-all' },
      schema: {
        summary: 'The names of people, to search the record by',
        response: { 200: Page(NamedPerson) },
      },
    },
    async () => ({ items: await people.names(), next: null }),
  )

  app.get(
    '/users/:id',
    {
      config: manage,
      schema: { summary: 'One person', params: ById, response: { 200: Person } },
    },
    async ({ params }, reply) => {
      const person = await people.find(params.id)
      return reply.header('etag', entityTag(person.version)).send(person)
    },
  )

  app.post(
    '/users',
    {
      config: change,
      schema: {
        summary: 'Invite somebody; the answer has the link to send',
        body: NewPerson,
        response: { 201: Invited },
      },
    },
    async ({ actor, body, id }, reply) =>
      reply.code(201).send(await people.invite(body, { actor, request: id })),
  )

  app.patch(
    '/users/:id',
    {
      config: change,
      schema: {
        summary: 'Change name or role, disable or enable; needs If-Match',
        params: ById,
        headers: Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 40 })) }),
        body: PersonChange,
        response: { 200: Person },
      },
    },
    async ({ actor, params, body, headers, id }, reply) => {
      const version = requireVersion(headers['if-match'])
      const person = await people.change(params.id, version, body, { actor, request: id })
      return reply.header('etag', entityTag(person.version)).send(person)
    },
  )

  app.post(
    '/users/:id/link',
    {
      config: change,
      schema: {
        summary: 'A new one-time link to set a password; the one before ends',
        params: ById,
        body: Nothing,
        response: { 201: OneTimeLink },
      },
    },
    async ({ actor, params, id }, reply) =>
      reply.code(201).send(await people.makeLink(params.id, { actor, request: id })),
  )
}
