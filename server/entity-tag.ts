// ETag and If-Match of what several people may change: the tag is the version that somebody has seen.

import { PinlabError } from './errors.ts'

export const entityTag = (version: number): string => `"${version}"`

/** The version that the caller has seen. Throws PINLAB_REQUEST_PRECONDITION where If-Match is missing. */
export function requireVersion(ifMatch: string | undefined): number {
  if (ifMatch === undefined) {
    throw new PinlabError(
      'PINLAB_REQUEST_PRECONDITION',
      'Send If-Match with the ETag (the version) of what you have seen.',
    )
  }
  return Number(/^"(\d{1,9})"$/.exec(ifMatch)?.[1] ?? Number.NaN)
}
