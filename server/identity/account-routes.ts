// One's own account: who am I, browsers that are signed in, tokens, password.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  ApiToken,
  ApiTokenMade,
  Confirmation,
  Me,
  NewApiToken,
  PasswordChange,
  SignIn,
} from '../contract/identity.ts'
import { Id } from '../contract/schema.ts'
import type { ApiTokens } from './api-tokens.ts'
import { meOf } from './me.ts'
import type { People } from './people.ts'
import { originOf } from './sign-in-routes.ts'
import type { SignIns } from './sign-ins.ts'

export interface AccountParts {
  people: People
  signIns: SignIns
  tokens: ApiTokens
}

const ById = Type.Object({ id: Id })
const done = { 204: Type.Null() }

export const accountRoutes: FastifyPluginAsyncTypebox<AccountParts> = async (
  app,
  { people, signIns, tokens },
) => {
  const own = { permission: 'self.manage' } as const

  app.get(
    '/me',
    {
      config: { permission: 'lab.read' },
      schema: { summary: 'Who is asking, and what they may do', response: { 200: Me } },
    },
    async ({ actor }) => meOf(actor),
  )

  app.put(
    '/me/password',
    {
      config: own,
      schema: {
        summary: 'Change the password; other browsers are signed out',
        body: PasswordChange,
        response: done,
      },
    },
    async ({ actor, body, id }, reply) => {
      await people.changePassword(body, { actor, request: id })
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/me/confirm',
    {
      config: own,
      schema: {
        summary: 'Enter the password once more, before what is hard to undo',
        body: Confirmation,
        response: done,
      },
    },
    async (request, reply) => {
      await signIns.confirm(request.actor, request.body.password, originOf(request))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/me/sessions',
    {
      config: own,
      schema: {
        summary: 'Browsers that are signed in, newest first',
        response: { 200: Type.Object({ items: Type.Array(SignIn) }) },
      },
    },
    async ({ actor }) => ({ items: await signIns.list(actor) }),
  )

  app.delete(
    '/me/sessions/:id',
    { config: own, schema: { summary: 'Sign one of them out', params: ById, response: done } },
    async ({ actor, params, id }, reply) => {
      await signIns.end(actor, params.id, id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/me/tokens',
    {
      config: own,
      schema: {
        summary: 'API tokens, newest first',
        response: { 200: Type.Object({ items: Type.Array(ApiToken) }) },
      },
    },
    async ({ actor }) => ({ items: await tokens.list(actor) }),
  )

  app.post(
    '/me/tokens',
    {
      config: { ...own, confirmed: true },
      schema: {
        summary: 'Make an API token; its text is shown this once',
        body: NewApiToken,
        response: { 201: ApiTokenMade },
      },
    },
    async ({ actor, body, id }, reply) => reply.code(201).send(await tokens.make(actor, body, id)),
  )

  app.delete(
    '/me/tokens/:id',
    { config: own, schema: { summary: 'Revoke a token', params: ById, response: done } },
    async ({ actor, params, id }, reply) => {
      await tokens.revoke(actor, params.id, id)
      return reply.code(204).send(null)
    },
  )
}
