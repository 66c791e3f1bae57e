// Captures: snapshots of locked memory that stay when the lock has gone, for the person who took them. Their bytes never change; what
// is written about them may.

import type { FastifyBaseLogger } from 'fastify'
import { record } from '../audit/audit.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Clock } from '../clock.ts'
import type { Capture, CaptureChange, CapturePage, NewCapture } from '../contract/capture.ts'
import { maxCaptureByteLength } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'
import { type Actor, mayDo } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { type CaptureFiles, pieceByteLength } from './capture-files.ts'
import type { CaptureQuota } from './capture-quota.ts'
import type { CaptureSource } from './capture-source.ts'
import {
  addCapture,
  changeCapture,
  newCaptureId,
  readCapture,
  readCaptureIds,
  readCaptures,
  removeCapture,
} from './capture-store.ts'
import { type ByteRange, checkRange } from './data-rules.ts'
import type { Locking } from './locking.ts'
import { checkMayRead } from './session-rules.ts'
import { UnderWay } from './under-way.ts'

interface Wanted extends ByteRange {
  session: string
  board: string
  owner: { id: string; name: string }
  name: string
  automatic: boolean
  request?: string
  signal?: AbortSignal
}

export interface CaptureParts {
  host: DeviceHost
  locking: Locking
  source: CaptureSource
  files: CaptureFiles
  quota: CaptureQuota
  database: Database
  clock: Clock
  log: FastifyBaseLogger
}

export class Captures {
  readonly #underWay = new UnderWay()

  constructor(private readonly parts: CaptureParts) {}

  /** At start, before anybody is served. */
  async reconcile(): Promise<void> {
    const { database, files, log } = this.parts
    const removed = await files.prepare(await readCaptureIds(database.reader))
    if (removed > 0) log.warn({ removed }, 'unfinished captures of the process before were removed')
  }

  /** By whoever controls the board. */
  async take(
    id: string,
    { name, offset, byteLength }: NewCapture,
    { actor, request }: { actor: Actor; request: string },
  ): Promise<Capture> {
    const { session } = await this.parts.locking.controlled(id, actor)
    const range = { offset, byteLength: byteLength ?? Math.max(0, session.byteLength - offset) }
    const { id: owner, name: ownerName } = actor
    const who = { id: owner, name: ownerName }
    return this.save({
      ...{ session: id, board: session.board, owner: who, name, automatic: false, request },
      ...range,
    })
  }

  /** The session's memory has to be locked until this has settled. */
  async save(wanted: Wanted): Promise<Capture> {
    return this.#underWay.run(this.#save(wanted))
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await this.#underWay.settle()
  }

  /** One's own. */
  async list(
    query: { limit: number; cursor?: string; board?: string; session?: string },
    actor: Actor,
  ): Promise<CapturePage> {
    const { database, quota } = this.parts
    const page = await readCaptures(database.reader, { ...query, owner: actor.id })
    const used = await quota.used(actor.id)
    return { ...page, quota: { byteLength: quota.byteLength, used } }
  }

  /** Of a session, whoever took them, for those who may read it. */
  async listOf(session: string, page: { limit: number; cursor?: string }, actor: Actor) {
    checkMayRead(await this.parts.locking.require(session), actor)
    return readCaptures(this.parts.database.reader, { ...page, session })
  }

  /** What is known of it; its bytes are for its owner alone. */
  async read(id: string, actor: Actor): Promise<Capture> {
    const capture = await this.#require(id)
    if (!mayDo(actor, 'session.read-all')) checkOwner(capture, actor)
    return capture
  }

  async readOwn(id: string, actor: Actor): Promise<Capture> {
    const capture = await this.#require(id)
    checkOwner(capture, actor)
    return capture
  }

  /** By its owner. The record says what was changed, but not to what: that may name people, and can be erased. */
  async annotate(
    id: string,
    change: CaptureChange,
    { actor, request }: { actor: Actor; request: string },
  ): Promise<Capture> {
    return this.parts.database.write(async (tx) => {
      const capture = await readCapture(tx, id)
      if (!capture) throw unknown(id)
      checkOwner(capture, actor)
      checkMarks(change, capture)
      const marks = change.marks?.toSorted((a, b) => a.offset - b.offset)
      const changed = await changeCapture(tx, id, { ...change, ...(marks ? { marks } : {}) })
      const detail = { capture: id, sha256: capture.sha256, changed: Object.keys(change) }
      const what = { type: 'capture.annotated', ...placeOf(capture) } as const
      await record(tx, { ...what, actor: actor.id, request, detail })
      return changed
    })
  }

  /** The file is to be closed by whoever asked. */
  async download(
    capture: Capture,
    range: ByteRange,
    { actor, request }: { actor: Actor; request: string },
  ) {
    const { database, files } = this.parts
    const { id, byteLength } = capture
    const file = await files.open(id, byteLength)
    const detail = { capture: id, ...range }
    const event = { type: 'capture.downloaded', actor: actor.id, ...placeOf(capture) } as const
    try {
      await database.write((tx) => record(tx, { ...event, request, detail }))
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** The row goes first: a file without one is removed at the next start at the latest. */
  async remove(id: string, { actor, request }: { actor: Actor; request: string }): Promise<void> {
    const { database, files, log } = this.parts
    await database.write(async (tx) => {
      const capture = await readCapture(tx, id)
      if (!capture) throw unknown(id)
      checkOwner(capture, actor)
      await removeCapture(tx, id)
      const { sha256, byteLength } = capture
      const detail = { capture: id, sha256, byteLength }
      const what = { type: 'capture.deleted', ...placeOf(capture) } as const
      await record(tx, { ...what, actor: actor.id, request, detail })
    })
    await files
      .remove(id)
      .catch((error) => log.error({ err: error }, 'the file of a deleted capture stays for now'))
  }

  async #save(wanted: Wanted): Promise<Capture> {
    const { session, offset, byteLength } = wanted
    const { locking, files, source, quota } = this.parts
    checkRange({ offset, byteLength }, (await locking.requireLocked(session)).byteLength)
    checkSize(byteLength)
    const room = await quota.reserve(wanted.owner.id, byteLength)
    try {
      const takenAt = new Date(this.parts.clock.now()).toISOString()
      const id = newCaptureId()
      const look = await source.look(session)
      const sha256 = await files.write(id, this.#pieces(wanted))
      const found = await look.after()
      const { board, owner, name, automatic } = wanted
      const who = { owner: owner.id, ownerName: owner.name }
      const capture: Capture = {
        ...{ id, session, board, ...who, name, offset, byteLength, sha256, takenAt, automatic },
        ...{ note: '', marks: [] },
        ...found,
      }
      await this.#add(capture, wanted)
      return capture
    } finally {
      room.giveBack()
    }
  }

  async #add(capture: Capture, { automatic, request, signal }: Wanted): Promise<void> {
    const { database, files } = this.parts
    const { id, owner, offset, byteLength, sha256, mayBeTorn } = capture
    try {
      signal?.throwIfAborted()
      await database.write(async (tx) => {
        await addCapture(tx, capture)
        const detail = { capture: id, offset, byteLength, sha256, automatic, mayBeTorn }
        const who = { actor: owner, ...placeOf(capture), ...(request ? { request } : {}) }
        await record(tx, { type: 'capture.taken', ...who, detail })
      })
    } catch (error) {
      await files.remove(id).catch(() => {})
      throw error
    }
  }

  async *#pieces({ session, offset, byteLength, signal }: Wanted): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < byteLength; done += pieceByteLength) {
      signal?.throwIfAborted()
      const rest = Math.min(pieceByteLength, byteLength - done)
      yield await this.parts.host.readBytes(session, { offset: offset + done, byteLength: rest })
    }
  }

  async #require(id: string): Promise<Capture> {
    const capture = await readCapture(this.parts.database.reader, id)
    if (!capture) throw unknown(id)
    return capture
  }
}

function unknown(id: string): PinlabError {
  return new PinlabError('PINLAB_CAPTURE_UNKNOWN', `There is no capture ${id}.`)
}

function checkOwner({ owner }: Capture, actor: Actor): void {
  if (owner === actor.id) return
  throw new PinlabError('PINLAB_PERMISSION_DENIED', 'This capture is somebody else’s.')
}

/** Where an event about it belongs. */
export function placeOf({ board, session }: Capture): { board: string; session?: string } {
  return { board, ...(session === null ? {} : { session }) }
}

function checkMarks({ marks = [] }: CaptureChange, { byteLength }: Capture): void {
  const outside = marks.find(({ offset }) => offset >= byteLength)
  if (!outside) return
  throw new PinlabError(
    'PINLAB_REQUEST_INVALID',
    `The mark at ${outside.offset} is outside the capture of ${byteLength} bytes.`,
  )
}

export function checkSize(byteLength: number): void {
  if (byteLength > 0 && byteLength <= maxCaptureByteLength) return
  throw new PinlabError(
    'PINLAB_CAPTURE_LIMIT',
    `A capture has 1 to ${maxCaptureByteLength} bytes; this one would have ${byteLength}. Save a part.`,
    { members: { limit: maxCaptureByteLength, inUse: 0 } },
  )
}
