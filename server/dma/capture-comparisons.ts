// Where a capture differs from another one, or from what a lock holds now. Both are read piece by piece.

import { record } from '../audit/audit.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import { DifferenceList } from '../boards/differences.ts'
import type { Capture, DifferenceQuery, Differences } from '../contract/capture.ts'
import { PinlabError } from '../errors.ts'
import { checkPermission } from '../identity/identity.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { type CaptureFiles, pieceByteLength, readPiece } from './capture-files.ts'
import type { CaptureTurns } from './capture-turns.ts'
import { type Captures, placeOf } from './captures.ts'
import { checkRange } from './data-rules.ts'
import type { Locking } from './locking.ts'

export interface CaptureComparisonParts {
  host: DeviceHost
  captures: Captures
  locking: Locking
  files: CaptureFiles
  turns: CaptureTurns
  database: Database
}

/** What is compared. */
interface Side {
  byteLength: number
  read(offset: number, byteLength: number): Promise<Buffer>
  close(): Promise<void>
}

export class CaptureComparisons {
  constructor(private readonly parts: CaptureComparisonParts) {}

  /** One's own captures; memory only of a board that one controls. Throws PINLAB_REQUEST_INVALID, PINLAB_REQUEST_RANGE. */
  async compare(
    id: string,
    query: DifferenceQuery,
    { actor, request }: { actor: Actor; request: string },
  ): Promise<Differences> {
    const { captures, database, turns } = this.parts
    const capture = await captures.readOwn(id, actor)
    return turns.run(actor.id, async () => {
      const sides: Side[] = []
      try {
        const right = await this.#open(await this.#other(capture, query, actor), sides)
        const left = await this.#open(this.#saved(capture), sides)
        const { with: other, session: memory, offset } = query
        const detail = { capture: id, offset, ...(other ? { with: other } : { memory }) }
        const what = { type: 'capture.compared', ...placeOf(capture) } as const
        await database.write((tx) => record(tx, { ...what, actor: actor.id, request, detail }))
        return await differences({ left, right }, query)
      } finally {
        for (const side of sides) await side.close()
      }
    })
  }

  async #open(side: Promise<Side> | Side, sides: Side[]): Promise<Side> {
    const opened = await side
    sides.push(opened)
    return opened
  }

  async #other(capture: Capture, query: DifferenceQuery, actor: Actor): Promise<Side> {
    const { with: other, session } = query
    if (other !== undefined && session === undefined) {
      return this.#saved(await this.parts.captures.readOwn(other, actor))
    }
    if (session === undefined || other !== undefined) {
      throw new PinlabError(
        'PINLAB_REQUEST_INVALID',
        'Say what to compare with: with=<capture>, or session=<DMA session>.',
      )
    }
    // Whoever may read captures may not read memory by that.
    checkPermission(actor, 'board.control')
    const { session: locked } = await this.parts.locking.controlled(session, actor)
    const at = query.at ?? (session === capture.session ? capture.offset : 0)
    checkRange({ offset: at, byteLength: 1 }, locked.byteLength)
    const { host } = this.parts
    return {
      byteLength: locked.byteLength - at,
      async read(offset, byteLength) {
        const bytes = await host.readBytes(session, { offset: at + offset, byteLength })
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      },
      close: async () => {},
    }
  }

  async #saved({ id, byteLength }: Capture): Promise<Side> {
    const file = await this.parts.files.open(id, byteLength)
    const buffer = Buffer.allocUnsafe(Math.min(pieceByteLength, byteLength))
    return {
      byteLength,
      read: (offset, length) => readPiece(file, buffer.subarray(0, length), offset),
      close: () => file.close(),
    }
  }
}

/** Reading a file lets others have their turn between two pieces. */
async function differences(
  { left, right }: { left: Side; right: Side },
  { offset, limit }: DifferenceQuery,
): Promise<Differences> {
  const found = new DifferenceList(limit)
  const end = Math.min(left.byteLength, right.byteLength)
  for (let at = offset; at < end; at += pieceByteLength) {
    const byteLength = Math.min(pieceByteLength, end - at)
    const pieces = {
      left: await left.read(at, byteLength),
      right: await right.read(at, byteLength),
    }
    found.add(pieces, at)
  }
  return {
    leftByteLength: left.byteLength,
    rightByteLength: right.byteLength,
    differentByteLength: found.byteLength,
    ranges: found.ranges,
    next: found.next,
  }
}
