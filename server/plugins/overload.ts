// What keeps the server able to stop a board when too much is asked of it: new work is refused, and connections are counted.

import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { PinlabError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Ends something that uses a board or its memory: served however busy the server is. */
    urgent?: true
  }
}

/** Generous: a slow machine that does its work is not overloaded. */
const mostEventLoopDelayMs = 3000
const sampleEveryMs = 5000
/** Pages keep a handful of connections each. More would cost file handles that the boards need. */
export const mostConnections = 1000

export const overload = fp<{ eventLoopDelayMs?: number; sampleMs?: number }>(
  async (app, { eventLoopDelayMs = mostEventLoopDelayMs, sampleMs = sampleEveryMs }) => {
    app.server.maxConnections = mostConnections
    await app.register(underPressure, {
      maxEventLoopDelay: eventLoopDelayMs,
      sampleInterval: sampleMs,
      pressureHandler(request, reply, _type, delay) {
        // No turn at all in the interval: one long turn, as after a start on a slow machine, which is over now.
        if (request.routeOptions.config.urgent || delay === Number.POSITIVE_INFINITY) return
        reply.header('retry-after', '10')
        throw new PinlabError(
          'PINLAB_SERVER_BUSY',
          'The server is behind with its work. Try again in ten seconds; stop, unlock and release work all the while.',
        )
      },
    })
  },
  { name: 'overload' },
)
