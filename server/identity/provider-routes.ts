// The way to the OpenID provider and back. A browser goes it, so what went wrong is told on the sign-in screen.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { PinlabError } from '../errors.ts'
import type { Network } from '../network.ts'
import type { SignInCookie } from './cookie.ts'
import type { Provider } from './provider.ts'
import { originOf } from './sign-in-routes.ts'

export interface ProviderParts {
  provider: Provider
  signInCookie: SignInCookie
  network: Pick<Network, 'origin' | 'tls' | 'isSecure'>
}

const pendingCookie = 'pinlab-provider'
/** A path of ours: `//` and `\` would lead elsewhere, also with a tab between, which browsers drop. */
const OwnPath = Type.String({
  pattern: '^/([^/\\\\\\x00-\\x20][^\\x00-\\x20]*)?$',
  maxLength: 300,
  default: '/',
})

export const providerRoutes: FastifyPluginAsyncTypebox<ProviderParts> = async (
  app,
  { provider, signInCookie, network },
) => {
  const open = { permission: 'public' } as const
  const cookie = {
    path: `${app.prefix}/provider`,
    httpOnly: true,
    secure: network.isSecure,
    sameSite: 'lax',
    maxAge: 600,
  } as const

  const ourOrigin = ({ headers }: FastifyRequest) =>
    network.origin ?? `${network.tls ? 'https' : 'http'}://${headers.host}`

  app.get(
    '/provider/start',
    {
      config: open,
      schema: {
        summary: 'Go to the OpenID provider to sign in',
        querystring: Type.Object({
          returnTo: OwnPath,
          again: Type.Boolean({ default: false, description: 'ask for proof once more' }),
        }),
      },
    },
    async (request, reply) => {
      const callback = `${ourOrigin(request)}${app.prefix}/provider/callback`
      try {
        const { url, secret } = await provider.depart(
          { callback, ...request.query },
          originOf(request),
        )
        return reply.setCookie(pendingCookie, secret, cookie).redirect(url.href)
      } catch (error) {
        return reply.redirect(problemPath(error, request))
      }
    },
  )

  app.get(
    '/provider/callback',
    // Its address carries the code that signs somebody in: no line for every request.
    {
      config: open,
      logLevel: 'warn',
      schema: { summary: 'Back from the provider', hide: true },
    },
    async (request, reply) => {
      reply.clearCookie(pendingCookie, cookie)
      try {
        const arrival = new URL(request.url, ourOrigin(request))
        const secret = request.cookies[pendingCookie]
        const signedIn = await provider.arrive(secret, arrival, originOf(request))
        signInCookie.set(reply, signedIn.secret)
        return reply.redirect(signedIn.returnTo)
      } catch (error) {
        return reply.redirect(problemPath(error, request))
      }
    },
  )
}

function problemPath(error: unknown, request: FastifyRequest): string {
  if (!(error instanceof PinlabError)) throw error
  request.log.warn({ err: error }, error.code)
  return `/?signInProblem=${error.code}`
}
