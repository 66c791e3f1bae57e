// Nobody signs in yet, so the browser's word must keep other sites out: a page of another origin may neither write nor open a socket,
// and a name that was made to point at this machine (DNS rebinding) is no address of ours.

import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { PinlabError } from '../errors.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

export const sameOrigin = fp<{ origin: string | null }>(
  async (app, { origin }) => {
    app.addHook('onRequest', async (request) => {
      const host = request.headers.host ?? ''
      if (!isOurHost(host, origin)) {
        throw new PinlabError(
          'PINLAB_REQUEST_ORIGIN',
          `This server is not called ${host}. Use 127.0.0.1, or set PINLAB_ORIGIN.`,
        )
      }
      if (safeMethods.has(request.method) && !isUpgrade(request)) return
      const site = request.headers['sec-fetch-site']
      const from = request.headers.origin
      const foreign = from !== undefined && from !== origin && from !== `http://${host}`
      if (foreign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
        throw new PinlabError(
          'PINLAB_REQUEST_ORIGIN',
          `Requests from ${from ?? 'another site'} are refused.`,
        )
      }
    })
  },
  { name: 'same-origin' },
)

function isOurHost(host: string, origin: string | null): boolean {
  if (origin !== null && host === new URL(origin).host) return true
  return loopbackNames.has(host.replace(/:\d+$/, ''))
}

function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
