// Exports of the log: who may have how many at once, and what they are made of.

import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { AuditPartKind, ExportQuery } from '../contract/audit.ts'
import { PinlabError } from '../errors.ts'
import type { Database, Reader } from '../plugins/database/database.ts'
import { version } from '../project-root.ts'
import { record } from './audit.ts'
import { readTree } from './audit-store.ts'
import { planBundle } from './bundle.ts'
import type { Checkpoints } from './checkpoints.ts'
import { csvHead, csvRow } from './csv.ts'
import { type Extent, rangesBetween, readEventBatches, readPruned } from './export-store.ts'

/** Each reads the whole log. */
export const mostExports = 2
/** Somebody who takes nothing for so long keeps others from theirs. */
const longestPauseMs = 60_000
const streamedAhead = 256 * 1024

/** Who asks, and what they may see. */
export interface Exporter {
  id: string
  kinds: readonly AuditPartKind[]
}

export interface Export {
  fileName: string
  mediaType: string
  /** Null where it shows only at the end. */
  byteLength: number | null
  content: Readable
}

const mediaTypes: Record<ExportQuery['format'], string> = {
  bundle: 'application/x-tar',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
}
const extensions: Record<ExportQuery['format'], string> = {
  bundle: 'tar',
  jsonl: 'jsonl',
  csv: 'csv',
}

export class AuditExports {
  #running = 0

  constructor(
    private readonly parts: { database: Database; checkpoints: Checkpoints; clock: Clock },
  ) {}

  /** The export itself is in the log, and so in what it exports. Throws PINLAB_AUDIT_RANGE and PINLAB_AUDIT_EXPORTS. */
  async begin(query: ExportQuery, exporter: Exporter): Promise<Export> {
    await this.#check(query)
    if (this.#running >= mostExports) {
      throw new PinlabError(
        'PINLAB_AUDIT_EXPORTS',
        `${mostExports} exports of the record are on their way. Wait until one has ended.`,
      )
    }
    this.#running += 1
    let isOver = false
    const release = () => {
      if (!isOver) this.#running -= 1
      isOver = true
    }
    try {
      return await this.#make(query, exporter, release)
    } catch (error) {
      release()
      throw error
    }
  }

  async #check({ format, from = 1, since = 1, session }: ExportQuery): Promise<void> {
    const { size } = await readTree(this.parts.database.reader)
    if (from > size || since > size) {
      throw new PinlabError(
        'PINLAB_AUDIT_RANGE',
        `The log has ${size} events. If you hold a checkpoint of more, it was cut: ask who runs this server.`,
        { members: { size } },
      )
    }
    if (since > 1 && (format !== 'bundle' || session !== undefined)) {
      throw new PinlabError(
        'PINLAB_AUDIT_RANGE',
        'Only a bundle of the whole log proves that it goes on from a checkpoint: ask for it without session.',
      )
    }
  }

  async #make(query: ExportQuery, { id, kinds }: Exporter, release: () => void): Promise<Export> {
    const { database, checkpoints, clock } = this.parts
    const { format, from = 1, since, session } = query
    await database.write((tx) =>
      record(tx, {
        type: 'audit.exported',
        actor: id,
        ...(session === undefined ? {} : { session }),
        detail: { format, from, ...(since === undefined ? {} : { since }) },
      }),
    )
    const checkpoint = await checkpoints.make()
    if (!checkpoint) throw new Error('there is no checkpoint after an event')
    const { signer } = checkpoints
    const { reader } = database
    const [madeAt, to] = [new Date(clock.now()), checkpoint.size]
    const wanted = { from, to, session }
    const made = { madeAt, madeBy: id, build: version, signer, kinds }
    const { byteLength, read } =
      format === 'bundle'
        ? await planBundle(reader, { ...wanted, since, ...made })
        : { byteLength: null, read: await (format === 'csv' ? csv : jsonl)(reader, wanted) }
    const about = session === undefined ? `record-${from}-${to}` : `session-${session}`
    const time = madeAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
    return {
      fileName: `pinlab-${about}-${time}Z.${extensions[format]}`,
      mediaType: mediaTypes[format],
      byteLength,
      content: streamed(read(), release),
    }
  }
}

interface Wanted {
  from: number
  to: number
  session?: string | undefined
}

async function extentOf(reader: Reader, { from, to, session }: Wanted): Promise<Extent> {
  return { ranges: rangesBetween(await readPruned(reader, from, to), from, to), session }
}

async function jsonl(reader: Reader, wanted: Wanted) {
  const extent = await extentOf(reader, wanted)
  return async function* () {
    for await (const { text } of readEventBatches(reader, extent)) yield Buffer.from(`${text}\n`)
  }
}

async function csv(reader: Reader, wanted: Wanted) {
  const extent = await extentOf(reader, wanted)
  return async function* () {
    yield Buffer.from(csvHead)
    for await (const { text } of readEventBatches(reader, extent)) {
      yield Buffer.from(text.split('\n').map(csvRow).join(''))
    }
  }
}

/** Calls `onEnd` when it was taken whole, given up or left standing. */
function streamed(pieces: AsyncIterable<Buffer>, onEnd: () => void): Readable {
  const timer = setTimeout(() => {
    content.destroy(new Error(`nobody took anything of an export for ${longestPauseMs} ms`))
  }, longestPauseMs).unref()
  async function* watched() {
    for await (const piece of pieces) {
      timer.refresh()
      if (piece.length > 0) yield piece
    }
  }
  const content = Readable.from(watched(), { objectMode: false, highWaterMark: streamedAhead })
  content.once('close', () => {
    clearTimeout(timer)
    onEnd()
  })
  return content
}
