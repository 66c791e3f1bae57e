// A capture's bytes written back into locked memory, from where a channel can play them.

import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { record } from '../audit/audit.ts'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Capture, Replay } from '../contract/capture.ts'
import type { DmaSession } from '../contract/dma-session.ts'
import type { Lease } from '../contract/lease.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import { type CaptureFiles, lost, pieceByteLength, readPiece } from './capture-files.ts'
import type { CaptureSource } from './capture-source.ts'
import type { CaptureTurns } from './capture-turns.ts'
import type { Captures } from './captures.ts'
import { checkRange } from './data-rules.ts'
import { grantOf, type Locking } from './locking.ts'

export interface CaptureReplayParts {
  host: DeviceHost
  captures: Captures
  locking: Locking
  source: CaptureSource
  files: CaptureFiles
  turns: CaptureTurns
  database: Database
}

interface Into {
  session: DmaSession
  lease: Lease
  offset: number
}

export class CaptureReplays {
  constructor(private readonly parts: CaptureReplayParts) {}

  /**
   * All of one's own capture, under the lease of the lock's board. Refused while a transfer from the board fills that range; one that
   * begins meanwhile, or the end of the lease, leaves the rest unwritten, and so says the error. Throws PINLAB_REQUEST_RANGE,
   * PINLAB_LOCK_BUSY, PINLAB_LEASE_REQUIRED, PINLAB_CAPTURE_LOST.
   */
  async write(
    id: string,
    { session: into, offset }: Replay,
    { actor, request }: { actor: Actor; request: string },
  ): Promise<void> {
    const { captures, locking, source, files, turns, database } = this.parts
    const capture = await captures.readOwn(id, actor)
    const { session, lease } = await locking.controlled(into, actor)
    const range = { offset, byteLength: capture.byteLength }
    checkRange(range, session.byteLength)
    await source.checkNotFilled(session, range)
    await turns.run(actor.id, async () => {
      const file = await files.open(id, capture.byteLength)
      try {
        const detail = { ...range, sha256: capture.sha256, capture: id }
        const what = { type: 'dma.data.written', board: session.board, session: into } as const
        await database.write((tx) => record(tx, { ...what, actor: actor.id, request, detail }))
        await this.#copy(capture, file, { session, lease, offset })
      } finally {
        await file.close()
      }
    })
  }

  async #copy(
    { byteLength, sha256 }: Capture,
    file: FileHandle,
    { session, lease, offset }: Into,
  ): Promise<void> {
    const { host, source } = this.parts
    const buffer = Buffer.allocUnsafe(Math.min(pieceByteLength, byteLength))
    const hash = createHash('sha256')
    for (let done = 0; done < byteLength; ) {
      const piece = buffer.subarray(0, Math.min(buffer.length, byteLength - done))
      hash.update(await readPiece(file, piece, done))
      const range = { offset: offset + done, byteLength: piece.length }
      await source.checkNotFilled(session, range)
      await host.writeBytes(grantOf(lease), session.id, range.offset, piece)
      done += piece.length
    }
    if (hash.digest('hex') !== sha256) throw lost()
  }
}
