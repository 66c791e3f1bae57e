// At start: what the database thinks is live died with the process before.

import { record } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import { systemActor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { readLiveSessions, setEnded } from './session-store.ts'
import { readRunningTransfers, setTransferEnded } from './transfer-store.ts'

const failure = {
  code: 'PINLAB_SERVER_RESTARTED',
  detail: 'The host restarted while the transfer ran; how far it came is not known.',
  wdStatus: null,
}

/** Ends orphaned sessions with `host-restarted` and their transfers as failed. Returns how many sessions there were. */
export function reconcileSessions(database: Database, clock: Clock): Promise<number> {
  return database.write(async (tx) => {
    const at = new Date(clock.now())
    for (const key of await readRunningTransfers(tx)) {
      const lost = {
        state: 'failed',
        startedAt: null,
        endedAt: clock.now(),
        bytesCompleted: 0,
        blocksCompleted: 0,
        overruns: 0,
        refusedAccesses: 0,
        failure,
      } as const
      await setTransferEnded(tx, key, lost)
      const detail = { n: key.n, ...lost }
      await record(tx, {
        type: 'dma.transfer.ended',
        actor: systemActor,
        session: key.sessionId,
        detail,
      })
    }
    const orphans = await readLiveSessions(tx)
    for (const { id, board } of orphans) {
      await setEnded(tx, id, { reason: 'host-restarted', at })
      await record(tx, { type: 'dma.lock.orphaned', actor: systemActor, board, session: id })
    }
    return orphans.length
  })
}
