// What the log says of a request: an address that is a secret does not stand in it.

import type { FastifyRequest, FastifyServerOptions } from 'fastify'

/** Also where its end was mistyped, so that nothing answers there. */
const secretAddress = /(\/calendars\/)[^/?#]+/gi

const withoutSecrets = (url: string) => url.replace(secretAddress, '$1…')

function describeRequest({ method, url, host, ip, socket }: FastifyRequest) {
  return {
    method,
    url: withoutSecrets(url),
    host,
    remoteAddress: ip,
    ...(socket?.remotePort === undefined ? {} : { remotePort: socket.remotePort }),
  }
}

export function quietLogger(
  logger: FastifyServerOptions['logger'],
): NonNullable<FastifyServerOptions['logger']> {
  if (!logger) return false
  const options = logger === true ? {} : logger
  return { ...options, serializers: { ...options.serializers, req: describeRequest } }
}
