// Telling another server something by POST, signed with the secret that it shares.

import { signatureOf } from './webhook-rules.ts'

const answerMs = 10_000

export interface SignedPost {
  url: URL
  secret: string
  /** JSON. */
  body: string
  /** Signed too, ms since the epoch. */
  now: number
  stopped: AbortSignal
}

/** Null once it was taken, or what went wrong, for people. The address is in none of it: its query may be a secret. */
export async function postSigned({
  url,
  secret,
  body,
  now,
  stopped,
}: SignedPost): Promise<string | null> {
  const tooLong = AbortSignal.timeout(answerMs)
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Pinlab',
        'pinlab-signature': signatureOf(secret, body, now),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopped, tooLong]),
    })
    await answer.body?.cancel()
    if (answer.ok) return null
    const isRedirect = answer.status >= 300 && answer.status < 400
    return `It answered ${answer.status}${isRedirect ? ', and redirects are not followed' : ''}.`
  } catch (error) {
    if (tooLong.aborted) return `It did not answer within ${answerMs / 1000} s.`
    const { code } = ((error as Error).cause ?? {}) as { code?: string }
    return code ? `It could not be reached: ${code}.` : 'It could not be reached.'
  }
}
