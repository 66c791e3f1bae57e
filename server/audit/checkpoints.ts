// Signed heads of the log: made every 256 events, ten seconds after an event, at midnight UTC and when the server ends. Whoever keeps
// one can prove later that nothing before it was changed.

import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { CheckpointStatus } from '../contract/audit.ts'
import type { Database } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import { findTree, readTree, segmentLength } from './audit-store.ts'
import { readCheckpointFile } from './checkpoint-file.ts'
import { CheckpointFeed, type CheckpointSink, type NewCheckpoint } from './checkpoint-sinks.ts'
import {
  addCheckpoint,
  addKey,
  readLastCheckpoint,
  readRootOf,
  readVerifierKeys,
} from './checkpoint-store.ts'
import {
  type Checkpoint,
  checkpointText,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  type Signer,
  signNote,
  type VerifierKey,
} from './note.ts'

const longestDirtyMs = 10_000
const dayMs = 24 * 60 * 60_000

export interface CheckpointParts {
  database: Database
  clock: Clock
  log: FastifyBaseLogger
  dataFolder: string
  signer: Signer
  sinks: readonly CheckpointSink[]
}

interface Rollback extends Record<string, unknown> {
  what: string
  /** The signed note that the log does not continue. */
  checkpoint: string
  size: number
}

export class Checkpoints {
  readonly #stop = new AbortController()
  readonly #feeds: CheckpointFeed[]
  #signer: Signer
  #last: NewCheckpoint | null = null
  /** When the log was first seen longer than the last checkpoint. */
  #dirtySince: number | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly parts: CheckpointParts) {
    const { clock, log, sinks } = parts
    this.#signer = parts.signer
    this.#feeds = sinks.map(
      (sink) =>
        new CheckpointFeed(sink, {
          now: () => clock.now(),
          stopped: this.#stop.signal,
          onFailure: (name, error) =>
            log.warn({ sink: name }, `a checkpoint was not taken: ${error}`),
        }),
    )
  }

  get signer(): Signer {
    return this.#signer
  }

  /** At start, after the log was begun: knows the key, and whether the database is older than a checkpoint that was handed out. */
  async begin(): Promise<void> {
    const { clock, database, dataFolder, log } = this.parts
    const { key } = this.#signer
    const keys = await readVerifierKeys(database.reader)
    if (keys.at(-1) !== key.text) {
      // The key before it is lost, or this is the first: nothing can vouch for it.
      const detail = { key: key.text, before: keys.at(-1) ?? null }
      await database.write(async (tx) => {
        await addKey(tx, { key: key.text, since: new Date(clock.now()), statement: null })
        await record(tx, { type: 'audit.key-made', actor: 'system', detail })
      })
    }
    const rolledBack = await this.#findRollback(readCheckpointFile(dataFolder))
    if (rolledBack) {
      log.error(rolledBack, 'the audit log is not the one that the last checkpoint was made of')
      await database.write((tx) =>
        record(tx, { type: 'audit.rolled-back', actor: 'system', detail: rolledBack }),
      )
    }
    const last = await readLastCheckpoint(database.reader)
    this.#last = last && { ...last, origin: key.name }
  }

  /** Called once a second. */
  async sweep(): Promise<void> {
    for (const feed of this.#feeds) feed.sweep()
    const size = (await findTree(this.parts.database.reader))?.size ?? 0
    const since = size - (this.#last?.size ?? 0)
    if (since === 0) {
      this.#dirtySince = null
      return
    }
    const now = this.parts.clock.now()
    this.#dirtySince ??= now
    const isNewDay =
      this.#last !== null && Math.floor(now / dayMs) > Math.floor(this.#last.at.getTime() / dayMs)
    if (since >= segmentLength || isNewDay || now - this.#dirtySince >= longestDirtyMs) {
      await this.make()
    }
  }

  /** One over all events until now; the last one, if it is that. Null for an empty log. */
  make(): Promise<NewCheckpoint | null> {
    return this.#inTurn(() => this.#make())
  }

  get last(): NewCheckpoint | null {
    return this.#last
  }

  get sinks(): CheckpointStatus['sinks'] {
    return this.#feeds.map(({ status }) => status)
  }

  /**
   * A last checkpoint by the key as it is, then `change`, which returns the key from now on, then the first one by that. What `change`
   * throws leaves the key as it was.
   */
  changeKey(change: (before: Signer) => Promise<Signer>): Promise<NewCheckpoint | null> {
    return this.#inTurn(async () => {
      await this.#make()
      this.#signer = await change(this.#signer)
      return this.#make()
    })
  }

  /** The last checkpoint, handed to whoever takes it within a few seconds. */
  async close(): Promise<void> {
    await this.make().catch((error) => {
      this.parts.log.error({ err: error }, 'the last checkpoint could not be made')
    })
    const patience = AbortSignal.timeout(3000)
    patience.addEventListener('abort', () => this.#stop.abort())
    await Promise.all(this.#feeds.map((feed) => feed.settle()))
    this.#stop.abort()
  }

  /** One after the other: whoever asks while one is made may have recorded something since it was begun. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #make(): Promise<NewCheckpoint | null> {
    const { database, clock } = this.parts
    const signer = this.#signer
    const origin = signer.key.name
    const at = new Date(clock.now())
    const made = await database.write(async (tx) => {
      const tree = await readTree(tx)
      if (tree.size === 0 || tree.size === this.#last?.size) return null
      const note = signNote(checkpointText({ origin, size: tree.size, root: tree.root() }), [
        signer,
      ])
      const checkpoint = { origin, size: tree.size, at, note }
      await addCheckpoint(tx, checkpoint)
      return checkpoint
    })
    this.#dirtySince = null
    if (!made) return this.#last
    this.#last = made
    for (const feed of this.#feeds) feed.offer(made)
    return made
  }

  /** What to record if the log does not continue the newest of these checkpoints, or null. */
  async #findRollback(notes: string[]): Promise<Rollback | null> {
    const { reader } = this.parts.database
    const keys = (await readVerifierKeys(reader)).map(parseVerifierKey)
    const newest = notes.toReversed().flatMap((note) => opened(note, keys) ?? [])[0]
    if (!newest) return null
    const { note, size, root } = newest
    const now = (await readTree(reader)).size
    const isSame = size <= now && (await readRootOf(reader, size)).equals(root)
    if (isSame) return null
    const what =
      size > now
        ? `a checkpoint was handed out when the log had ${size} events; now it has ${now}`
        : `the first ${size} events are not those of the checkpoint that was handed out`
    return { what, checkpoint: note, size: now }
  }
}

/** Null for one that was cut off while it was written, or that is not ours. */
function opened(note: string, keys: VerifierKey[]): (Checkpoint & { note: string }) | null {
  try {
    return { ...parseCheckpoint(openNote(note, keys).text), note }
  } catch {
    return null
  }
}
