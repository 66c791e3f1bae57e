// The built web pages. An address that is no file and no API is a page of the single-page application.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { PinlabError } from '../errors.ts'

export const dashboard: FastifyPluginAsync<{ folder: string }> = async (app, { folder }) => {
  const built = existsSync(join(folder, 'index.html'))
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      preCompressed: true,
      setHeaders(reply, path) {
        const hashed = path.startsWith(join(folder, 'assets'))
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler(async ({ method, url, headers }, reply) => {
    const asksForPage =
      method === 'GET' && headers.accept?.includes('text/html') && !url.startsWith('/api/')
    if (built && asksForPage) return reply.sendFile('index.html')
    throw new PinlabError(
      'PINLAB_ROUTE_UNKNOWN',
      `${method} ${url} does not exist. /api/docs lists what does.`,
    )
  })
}
