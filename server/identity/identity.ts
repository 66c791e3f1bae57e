// Says who a request comes from, and refuses to boot with a route that does not declare its permission.

import fp from 'fastify-plugin'
import { type Actor, localOperator, mayDo, type Permission, permissions } from './permissions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor
  }
  interface FastifyContextConfig {
    permission?: Permission
  }
}

export const identity = fp(
  async (app) => {
    app.decorateRequest('actor')
    app.addHook('onRoute', (route) => {
      const permission = route.config?.permission
      if (!permission || !permissions.includes(permission)) {
        throw new Error(`${route.method} ${route.url} declares no permission`)
      }
    })
    app.addHook('onRequest', async (request) => {
      request.actor = localOperator
      const { permission } = request.routeOptions.config
      if (permission && !mayDo(request.actor, permission)) throw new Error('unreachable until roles exist')
    })
  },
  { name: 'identity' },
)
