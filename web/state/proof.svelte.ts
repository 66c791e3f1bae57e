// How far the record is signed, and whether the server has found it damaged.

import type { CheckpointStatus } from '../../server/contract/audit.ts'
import { type ExportFormat, exportPath, getCheckpoint } from '../api/audit.ts'
import { Action } from './action.svelte.ts'

/** A checkpoint is at most ten seconds behind. */
const periodMs = 10_000

export class Proof {
  status = $state.raw<CheckpointStatus | null>(null)
  readonly loading = new Action()

  /** Looks again from time to time, until the result is called. */
  start(): () => void {
    void this.load()
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void this.load()
    }, periodMs)
    return () => clearInterval(timer)
  }

  load = (): Promise<boolean> =>
    this.loading.run(async () => {
      this.status = await getCheckpoint()
    })

  exportPath(format: ExportFormat, session?: string): string {
    return exportPath(format, session)
  }
}
