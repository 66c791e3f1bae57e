// How a verification can end other than well.

/** The bundle is not what was recorded and signed. */
export class Tampered extends Error {
  constructor(
    message: string,
    /** The first event that is wrong, if it can be told. */
    readonly seq: number | null = null,
  ) {
    super(message)
  }
}

/** Nothing can be said about it. */
export class Unusable extends Error {}

/** What a step that throws something else means by it. */
export function tamperedIfThrows<T>(message: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof Tampered || error instanceof Unusable) throw error
    throw new Tampered(`${message}: ${(error as Error).message}`)
  }
}
