// Headers that keep a browser from doing more with our pages than we ask of it.

import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'

export const securityHeaders = fp<{ isSecure: boolean }>(
  async (app, { isSecure }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
        },
      },
      frameguard: { action: 'deny' },
      // On plain HTTP a promise of HTTPS would lock people out.
      hsts: isSecure,
    })
  },
  { name: 'security-headers' },
)
