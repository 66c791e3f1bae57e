// The API's description, made from the routes' schemas. Its page at /api/docs is registered apart, with the routes that it serves.

import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { version } from '../project-root.ts'

export const openApi = fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Pinlab',
          version,
          description:
            'Errors are problem documents (RFC 9457) with a `code`. Lists are paged by `limit` and `cursor`.',
        },
      },
    })
    app.get(
      '/api/v1/openapi.json',
      { config: { permission: 'public' }, schema: { hide: true } },
      async () => app.swagger(),
    )
  },
  { name: 'open-api' },
)
