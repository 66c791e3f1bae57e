// The cookie of a browser that is signed in.

import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

export class SignInCookie {
  readonly name: string
  readonly #options: CookieSerializeOptions

  /** Browsers take `__Host-` only with HTTPS; on plain HTTP the name must be another one. */
  constructor({ isSecure }: { isSecure: boolean }) {
    this.name = isSecure ? '__Host-pinlab' : 'pinlab'
    this.#options = { path: '/', httpOnly: true, secure: isSecure, sameSite: 'strict' }
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.name]
  }

  /** Kept until the browser closes or the sign-in ends, whichever is first. */
  set(reply: FastifyReply, secret: string): void {
    reply.setCookie(this.name, secret, this.#options)
  }

  clear(reply: FastifyReply): void {
    reply.clearCookie(this.name, this.#options)
  }
}
