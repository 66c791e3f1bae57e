// What the sign-in screen says when somebody comes back from the provider without being signed in. Pure.

import type { Problem } from '../../../../server/contract/schema.ts'

const known: Record<string, { title: string; detail: string }> = {
  PINLAB_PROVIDER_UNKNOWN: {
    title: 'This lab does not know you',
    detail: 'The provider does, but nobody invited you here. Ask an administrator of the lab.',
  },
  PINLAB_SIGN_IN_TOO_MANY: {
    title: 'Too many attempts',
    detail: 'Wait a minute, then try again.',
  },
}

const failed = {
  title: 'The provider did not sign you in',
  detail: 'Try again. If it goes on, an administrator finds the reason in the log of the server.',
}

/** Of the code that the server put into the address; null where there is none. */
export function providerProblem(code: string | null): Problem | null {
  if (code === null || !/^PINLAB_[A-Z_]+$/.test(code)) return null
  return { type: 'about:blank', status: 0, requestId: '', code, ...(known[code] ?? failed) }
}
