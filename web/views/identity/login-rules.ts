// What a login may be, so that a wrong one is marked before it is sent. Pure.

/** As in the contract; a schema would bring a validator into the browser. */
const login = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

export function loginFault(text: string): string | undefined {
  if (text === '') return 'Take a login: a short name to sign in with.'
  return login.test(text)
    ? undefined
    : 'Only letters, digits and . _ @ -, beginning with a letter or digit, at most 64.'
}
