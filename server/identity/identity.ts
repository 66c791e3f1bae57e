// Says who a request comes from and whether they may do it, and refuses to boot with a route that does not declare its permission.

import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { type AuditContext, runWithAuditContext } from '../audit/audit-context.ts'
import { PinlabError } from '../errors.ts'
import type { SignInCookie } from './cookie.ts'
import type { Credentials } from './credentials.ts'
import { type Actor, mayDo, type Permission, permissions } from './permissions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Not set on public routes. */
    actor: Actor
    /** What the record says of where its events come from. */
    auditContext: AuditContext
  }
  interface FastifyContextConfig {
    permission?: Permission
    /** Whoever signed in long ago proves once more who they are. */
    confirmed?: boolean
  }
  interface FastifyInstance {
    /** All routes, for whoever compares them with docs/permissions.md. */
    permissionsOfRoutes(): RoutePermission[]
  }
}

export interface RoutePermission {
  method: string
  url: string
  permission: Permission
}

export const identity = fp<{ credentials: Credentials; signInCookie: SignInCookie }>(
  async (app, { credentials, signInCookie }) => {
    const routes: RouteOptions[] = []
    app.decorateRequest('actor')
    app.decorateRequest('auditContext')
    app.decorate('permissionsOfRoutes', () => routes.flatMap(permissionsOf))
    app.addHook('onRoute', (route) => {
      routes.push(route)
    })
    app.addHook('onReady', async () => {
      const bare = routes.find(({ config }) => !isPermission(config?.permission))
      if (bare) throw new Error(`${bare.method} ${bare.url} declares no permission`)
    })
    await app.register(cookie)
    app.addHook('onRequest', (request, _reply, done) => {
      request.auditContext = { request: request.id, address: request.ip }
      runWithAuditContext(request.auditContext, done)
    })
    // A body is read in the socket's own context.
    app.addHook('preValidation', (request, _reply, done) => {
      runWithAuditContext(request.auditContext, done)
    })
    app.addHook('onRequest', async (request) => {
      const { permission, confirmed } = request.routeOptions.config
      if (request.is404 || permission === 'public' || permission === undefined) return
      const actor = await whoAsks(request)
      checkPermission(actor, permission)
      if (confirmed && !credentials.isConfirmed(actor)) throw confirmationNeeded(actor)
      request.actor = actor
      const { id, name, credential, scopes } = actor
      const method = scopes === null ? 'sign-in' : 'token'
      request.auditContext.actor = { id, name, credential, method }
    })

    /** A token that is given is what counts, whatever cookies come with it. */
    async function whoAsks(request: FastifyRequest): Promise<Actor> {
      const { authorization } = request.headers
      if (authorization !== undefined) {
        const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
        const actor = await credentials.byToken(token)
        if (actor) return actor
        throw new PinlabError(
          'PINLAB_SIGN_IN_REQUIRED',
          'The token is unknown, revoked or out of date. Make a new one under Account.',
        )
      }
      const secret = signInCookie.read(request)
      const actor = secret ? await credentials.bySignIn(secret) : null
      if (actor) return actor
      throw new PinlabError(
        'PINLAB_SIGN_IN_REQUIRED',
        secret ? 'Your sign-in has ended. Sign in again.' : 'Sign in first.',
      )
    }
  },
  { name: 'identity' },
)

function isPermission(value: string | undefined): boolean {
  return value === 'public' || permissions.includes(value as (typeof permissions)[number])
}

function permissionsOf({ method, url, config }: RouteOptions): RoutePermission[] {
  const permission = config?.permission ?? 'public'
  return [method].flat().map((one) => ({ method: one, url, permission }))
}

/** Throws PINLAB_PERMISSION_DENIED, which says whether the role or the token's scope is the reason. */
export function checkPermission(actor: Actor, permission: Permission): void {
  if (mayDo(actor, permission)) return
  const byRole = mayDo({ role: actor.role, scopes: null }, permission)
  throw new PinlabError(
    'PINLAB_PERMISSION_DENIED',
    byRole
      ? 'The token has no scope for this. Make one with the scope, or sign in.'
      : `As ${actor.role} you may not do this. An administrator can change your role.`,
    { members: { permission } },
  )
}

function confirmationNeeded({ hasPassword }: Actor): PinlabError {
  return new PinlabError(
    'PINLAB_CONFIRMATION_NEEDED',
    hasPassword
      ? 'You signed in a while ago. Enter your password once more (POST /me/confirm), then try again.'
      : 'You signed in a while ago. Sign in once more, then try again.',
  )
}

/** For a scope of routes that somebody else's plugin makes: they are open to everybody. */
export function makePublic(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, permission: 'public' }
  })
}
