// Captures that are made of a file which somebody sends, not of locked memory.

import { record } from '../audit/audit.ts'
import type { Boards } from '../boards/boards.ts'
import type { Clock } from '../clock.ts'
import type { Capture, UploadQuery } from '../contract/capture.ts'
import type { Actor } from '../identity/permissions.ts'
import type { Database } from '../plugins/database/database.ts'
import type { CaptureFiles } from './capture-files.ts'
import type { CaptureQuota, CaptureRoom } from './capture-quota.ts'
import { addCapture, newCaptureId } from './capture-store.ts'
import { checkSize } from './captures.ts'
import { UnderWay } from './under-way.ts'
import { FileBytes, fileFault } from './uploads/file-bytes.ts'
import type { Hints, SamplesRead } from './uploads/samples-read.ts'
import { readSamples } from './uploads/uploaded-samples.ts'

/** Room for so much is asked for at a time. */
const stepByteLength = 1024 * 1024

export interface CaptureUploadParts {
  boards: Boards
  files: CaptureFiles
  quota: CaptureQuota
  database: Database
  clock: Clock
}

interface Asker {
  actor: Actor
  request: string
}

export class CaptureUploads {
  readonly #underWay = new UnderWay()

  constructor(private readonly parts: CaptureUploadParts) {}

  /**
   * Saves the samples of a file as its bytes come. Of what is no such file, does not come whole or has no room, nothing stays. Throws
   * PINLAB_CAPTURE_FILE, PINLAB_CAPTURE_LIMIT, PINLAB_CAPTURE_DISK, PINLAB_BOARD_UNKNOWN.
   */
  async receive(
    sent: UploadQuery,
    pieces: AsyncIterable<Uint8Array>,
    asker: Asker,
  ): Promise<Capture> {
    return this.#underWay.run(this.#receive(sent, pieces, asker))
  }

  /** Waits for what is under way, which a closed connection ends. */
  async settle(): Promise<void> {
    await this.#underWay.settle()
  }

  async #receive(
    sent: UploadQuery,
    pieces: AsyncIterable<Uint8Array>,
    asker: Asker,
  ): Promise<Capture> {
    const { boards, files, quota, clock } = this.parts
    await boards.describeOne(sent.board)
    const takenAt = new Date(clock.now()).toISOString()
    const file = new FileBytes(pieces)
    const room = await quota.reserve(asker.actor.id, 0)
    try {
      const read = await readSamples(sent.format, file, hintsOf(sent))
      const id = newCaptureId()
      const counted = new Counted(read.pieces, room)
      const sha256 = await files.write(id, counted)
      const capture = captureOf({ ...sent, id, sha256, takenAt }, read, asker.actor)
      capture.byteLength = counted.byteLength
      capture.provenance.uploaded = {
        ...{ file: sent.file, format: sent.format, sha256: file.sha256() },
      }
      await this.#add(capture, asker.request)
      return capture
    } finally {
      room.giveBack()
      await file.close()
    }
  }

  async #add(capture: Capture, request: string): Promise<void> {
    const { database, files } = this.parts
    const { id, owner, board, byteLength, sha256, provenance } = capture
    try {
      await database.write(async (tx) => {
        await addCapture(tx, capture)
        const { format, sha256: ofFile } = provenance.uploaded ?? {}
        const detail = { capture: id, byteLength, sha256, format, file: { sha256: ofFile } }
        await record(tx, { type: 'capture.uploaded', actor: owner, board, request, detail })
      })
    } catch (error) {
      await files.remove(id).catch(() => {})
      throw error
    }
  }
}

/** Samples on their way to the disk, in steps for each of which there is room. */
class Counted implements AsyncIterable<Buffer> {
  byteLength = 0

  constructor(
    private readonly pieces: AsyncIterable<Buffer>,
    private readonly room: CaptureRoom,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let step: Buffer[] = []
    let inStep = 0
    for await (const piece of this.pieces) {
      step.push(piece)
      inStep += piece.byteLength
      if (inStep < stepByteLength) continue
      yield await this.#admit(step, inStep)
      step = []
      inStep = 0
    }
    if (this.byteLength + inStep === 0) throw fileFault('The file has no samples.', { byte: 0 })
    if (inStep > 0) yield await this.#admit(step, inStep)
  }

  async #admit(step: Buffer[], byteLength: number): Promise<Buffer> {
    this.byteLength += byteLength
    checkSize(this.byteLength)
    await this.room.grow(byteLength)
    return Buffer.concat(step, byteLength)
  }
}

function hintsOf({ sample, channels, sampleRate }: UploadQuery): Hints {
  return {
    ...(sample === undefined ? {} : { sample }),
    ...(channels === undefined ? {} : { channels }),
    ...(sampleRate === undefined ? {} : { sampleRate }),
  }
}

function captureOf(
  {
    id,
    board,
    name,
    sha256,
    takenAt,
  }: UploadQuery & { id: string; sha256: string; takenAt: string },
  { sample }: SamplesRead,
  { id: owner, name: ownerName }: Actor,
): Capture {
  return {
    ...{ id, session: null, board, owner, ownerName, name, note: '', marks: [] },
    ...{ offset: 0, byteLength: 0, sha256, takenAt, automatic: false, mayBeTorn: false },
    ...{ bytesCompleted: 0, provenance: { model: null, buildId: null, sample } },
  }
}
