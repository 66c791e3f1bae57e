// Setting up, signing in and out, and the links that set a password. Open to everybody; each attempt counts.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import {
  LinkTarget,
  LinkUse,
  LoginRequest,
  Me,
  Secret,
  SetUpRequest,
  SignInOptions,
} from '../contract/identity.ts'
import { Nothing } from '../contract/schema.ts'
import type { SignInCookie } from './cookie.ts'
import { meOf } from './me.ts'
import type { People } from './people.ts'
import type { SetUp } from './set-up.ts'
import type { Origin, SignedIn, SignIns } from './sign-ins.ts'

export interface SignInParts {
  people: People
  signIns: SignIns
  setUp: SetUp
  signInCookie: SignInCookie
  /** Others on the network can read along. */
  isPlainHttp: boolean
  provider: { name: string } | null
}

export const signInRoutes: FastifyPluginAsyncTypebox<SignInParts> = async (
  app,
  { people, signIns, setUp, signInCookie, isPlainHttp, provider },
) => {
  const open = { permission: 'public' } as const

  function welcome(reply: FastifyReply, { actor, secret }: SignedIn): Me {
    signInCookie.set(reply, secret)
    return meOf(actor)
  }

  app.get(
    '/login',
    {
      config: open,
      schema: { summary: 'Ways to sign in', response: { 200: SignInOptions } },
    },
    async () => ({
      setUpDue: setUp.isDue,
      provider: provider && { name: provider.name },
      isPlainHttp,
    }),
  )

  app.post(
    '/setup',
    {
      config: open,
      schema: {
        summary: 'Make the first administrator, with the token of the console',
        body: SetUpRequest,
        response: { 201: Me },
      },
    },
    async (request, reply) => {
      const signedIn = await people.setUp(request.body, originOf(request))
      return reply.code(201).send(welcome(reply, signedIn))
    },
  )

  app.post(
    '/login',
    {
      config: open,
      schema: { summary: 'Sign in with a password', body: LoginRequest, response: { 200: Me } },
    },
    async (request, reply) => welcome(reply, await signIns.signIn(request.body, originOf(request))),
  )

  app.post(
    '/logout',
    {
      config: { permission: 'lab.read' },
      schema: { summary: 'Sign out here', body: Nothing, response: { 204: Type.Null() } },
    },
    async ({ actor, id }, reply) => {
      if (actor.scopes === null) await signIns.end(actor, actor.credential, id)
      signInCookie.clear(reply)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/links/look',
    {
      config: open,
      schema: {
        summary: 'Whom a one-time link is for',
        body: Type.Object({ token: Secret }, { additionalProperties: false }),
        response: { 200: LinkTarget },
      },
    },
    async (request) => people.lookAtLink(request.body.token, originOf(request)),
  )

  app.post(
    '/links/use',
    {
      config: open,
      schema: {
        summary: 'Set a password by a one-time link, and sign in',
        body: LinkUse,
        response: { 200: Me },
      },
    },
    async (request, reply) => welcome(reply, await people.useLink(request.body, originOf(request))),
  )
}

export function originOf(request: FastifyRequest): Origin {
  return {
    address: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    request: request.id,
  }
}
