// Who is behind what is recorded while a request is worked on: known to the log without each caller passing it along.

import { AsyncLocalStorage } from 'node:async_hooks'

export interface AuditContext {
  request: string
  /** The IP address it came from. */
  address: string
  /** Not known on public routes, nor before a sign-in. */
  actor?: { id: string; name: string; credential: string; method: 'sign-in' | 'token' }
}

const contexts = new AsyncLocalStorage<AuditContext>()

export function runWithAuditContext<T>(context: AuditContext, work: () => T): T {
  return contexts.run(context, work)
}

/** Undefined for what Pinlab does by itself. */
export function auditContext(): AuditContext | undefined {
  return contexts.getStore()
}
