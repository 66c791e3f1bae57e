// The secret of a one-time link. It comes behind the # of the address, which browsers send to nobody.

/** Takes it out of the address, so that neither the history nor a shared screen keeps it; "" where there is none. */
export function takeToken(): string {
  const token = location.hash.slice(1)
  if (token) history.replaceState(null, '', location.pathname)
  return token
}
