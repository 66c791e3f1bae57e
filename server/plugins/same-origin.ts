// The browser's word keeps other sites out: a page of another origin may neither write nor open a socket with the cookie of whoever
// looks at it, and a name that was made to point at this machine (DNS rebinding) is no address of ours.

import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { PinlabError } from '../errors.ts'
import type { Network } from '../network.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

export const sameOrigin = fp<Pick<Network, 'origin' | 'tls'>>(
  async (app, { origin, tls }) => {
    const scheme = tls ? 'https' : 'http'
    app.addHook('onRequest', async (request) => {
      // As it was sent: what a proxy says about it may be said by anybody.
      const host = request.headers.host ?? ''
      if (!isOurHost(host, origin)) {
        throw new PinlabError(
          'PINLAB_REQUEST_ORIGIN',
          `This server is not called ${host}. Use its own address, or set PINLAB_ORIGIN.`,
        )
      }
      const isSocket = isUpgrade(request)
      if (safeMethods.has(request.method) && !isSocket) return
      const ours = [origin, `${scheme}://${host}`]
      if (!isSaidToBeOurs(request, ours, isSocket)) {
        throw new PinlabError(
          'PINLAB_REQUEST_ORIGIN',
          `Requests from ${request.headers.origin ?? 'an unnamed site'} are refused.`,
        )
      }
    })
  },
  { name: 'same-origin' },
)

function isSaidToBeOurs(
  { headers }: FastifyRequest,
  ours: (string | null)[],
  isSocket: boolean,
): boolean {
  const { origin, authorization, cookie } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && !ours.includes(origin)) return false
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  // A script has a token, which no other site can make a browser send. A cookie needs the browser's word.
  const hasWord = origin !== undefined || (site !== undefined && !isSocket)
  return hasWord || authorization !== undefined || (cookie === undefined && !isSocket)
}

function isOurHost(host: string, origin: string | null): boolean {
  if (origin !== null && host === new URL(origin).host) return true
  return loopbackNames.has(host.replace(/:\d+$/, ''))
}

function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
