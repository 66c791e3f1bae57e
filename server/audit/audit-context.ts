// Who is behind what is recorded while a request is worked on: known to the log without each caller passing it along.

import { AsyncLocalStorage } from 'node:async_hooks'

export interface AuditContext {
  request: string
  /** The IP address it came from. */
  address: string
  /** Not known on public routes, nor before a sign-in. */
  actor?: { id: string; name: string; credential: string; method: 'sign-in' | 'token' }
}

interface Scene {
  context: AuditContext | undefined
  /** Ms since the epoch: when that happened which is recorded only now. */
  spooledAt?: number
}

const scenes = new AsyncLocalStorage<Scene>()

export function runWithAuditContext<T>(context: AuditContext, work: () => T): T {
  return scenes.run({ context }, work)
}

/** For what could not be recorded when it happened: what `work` records is from then, and says so. */
export function runAsSpooled<T>(then: { at: number; context?: AuditContext }, work: () => T): T {
  return scenes.run({ context: then.context, spooledAt: then.at }, work)
}

/** Undefined for what Pinlab does by itself. */
export function auditContext(): AuditContext | undefined {
  return scenes.getStore()?.context
}

export function spooledAt(): number | undefined {
  return scenes.getStore()?.spooledAt
}
