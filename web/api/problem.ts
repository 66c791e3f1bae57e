// What went wrong, as the server says it (RFC 9457) or as the browser found it.

import type { Problem } from '../../server/contract/schema.ts'

export type { Problem }

export class ApiProblem extends Error {
  override name = 'ApiProblem'

  constructor(readonly problem: Problem) {
    super(problem.detail)
  }
}

/** Nobody answered, or not in Pinlab's words: a proxy's page, a broken connection. */
export function browserProblem(code: string, title: string, detail: string, status = 0): Problem {
  return { type: 'about:blank', title, status, detail, code, requestId: '' }
}

export function unreachable(): Problem {
  return browserProblem(
    'PINLAB_WEB_UNREACHABLE',
    'The server does not answer',
    'Nothing was changed that the server did not confirm. Check the connection and try again.',
  )
}

/** Anything thrown, as a problem that can be shown. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ApiProblem) return thrown.problem
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return browserProblem('PINLAB_WEB_FAULT', 'This page made a mistake', detail)
}
