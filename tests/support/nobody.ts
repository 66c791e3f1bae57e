// Root may do everything, so what a plain user may not is asked as nobody. Each test file has a process of its own.

const nobody = 65_534

/** `work`, to be run with the rights of nobody where we are root. */
export function asNobody<T>(work: () => T): () => T {
  return () => {
    if (process.geteuid?.() !== 0) return work()
    process.seteuid?.(nobody)
    try {
      return work()
    } finally {
      process.seteuid?.(0)
    }
  }
}
