// Where somebody was who left the page to sign in with a provider. Kept for this tab only.

const key = 'pinlab.return'

export function keepAddress(): void {
  try {
    sessionStorage.setItem(key, location.pathname + location.search)
  } catch {
    // Storage is forbidden; they come back to the lab.
  }
}

/** Once: a later visit begins where it is. */
export function takeAddress(): string | null {
  try {
    const kept = sessionStorage.getItem(key)
    sessionStorage.removeItem(key)
    return kept
  } catch {
    return null
  }
}
