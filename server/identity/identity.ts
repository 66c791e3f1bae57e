// Says who a request comes from, and refuses to boot with a route that does not declare its permission.

import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { type Actor, localOperator, type Permission, permissions } from './permissions.ts'

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
    const routes: RouteOptions[] = []
    app.decorateRequest('actor')
    app.addHook('onRoute', (route) => {
      routes.push(route)
    })
    app.addHook('onReady', async () => {
      const bare = routes.find(
        ({ config }) => !config?.permission || !permissions.includes(config.permission),
      )
      if (bare) throw new Error(`${bare.method} ${bare.url} declares no permission`)
    })
    app.addHook('onRequest', async (request) => {
      request.actor = localOperator
    })
  },
  { name: 'identity' },
)

/** For a scope of routes that somebody else's plugin makes: they are open to everybody. */
export function makePublic(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, permission: 'public' }
  })
}
