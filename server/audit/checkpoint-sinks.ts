// Where checkpoints go: each place that is not in the hands of whoever runs the server makes it harder to rewrite the log.

import type { CheckpointSinkStatus } from '../contract/audit.ts'

export interface NewCheckpoint {
  origin: string
  size: number
  at: Date
  /** The signed note. */
  note: string
}

export interface CheckpointSink {
  /** As GET /audit/checkpoint shows it. */
  readonly name: string
  /** Takes it, or throws an Error whose message an administrator understands. Called again with a newer one after a failure. */
  send(checkpoint: NewCheckpoint, stopped: AbortSignal): Promise<void>
}

const shortestPauseMs = 5_000
const longestPauseMs = 10 * 60_000

/** Hands one sink the newest checkpoint, one at a time; of those that came while it was busy or failing it gets the last. */
export class CheckpointFeed {
  #next: NewCheckpoint | null = null
  #work: Promise<void> | null = null
  #failures = 0
  #retryAt = 0
  #done: { size: number; at: Date } | null = null
  #error: string | null = null

  constructor(
    private readonly sink: CheckpointSink,
    private readonly parts: {
      now: () => number
      stopped: AbortSignal
      onFailure: (name: string, error: string) => void
    },
  ) {}

  offer(checkpoint: NewCheckpoint): void {
    this.#next = checkpoint
    this.sweep()
  }

  /** Called once a second: tries again what has failed, after growing pauses. */
  sweep(): void {
    const { now, stopped } = this.parts
    if (!this.#next || this.#work || stopped.aborted || this.#retryAt > now()) return
    const checkpoint = this.#next
    this.#work = this.#send(checkpoint).finally(() => {
      this.#work = null
      this.sweep()
    })
  }

  async settle(): Promise<void> {
    while (this.#work) await this.#work
  }

  get status(): CheckpointSinkStatus {
    const { size = null, at = null } = this.#done ?? {}
    return { name: this.sink.name, size, at: at?.toISOString() ?? null, error: this.#error }
  }

  async #send(checkpoint: NewCheckpoint): Promise<void> {
    const { now, stopped, onFailure } = this.parts
    try {
      await this.sink.send(checkpoint, stopped)
      this.#done = { size: checkpoint.size, at: new Date(now()) }
      this.#error = null
      this.#failures = 0
      if (this.#next === checkpoint) this.#next = null
    } catch (error) {
      if (stopped.aborted) return
      this.#error = (error as Error).message
      this.#failures += 1
      if (this.#failures === 1) onFailure(this.sink.name, this.#error)
      const pause = shortestPauseMs * 2 ** Math.min(this.#failures - 1, 10)
      this.#retryAt = now() + Math.min(longestPauseMs, pause)
    }
  }
}
