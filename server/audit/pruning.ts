// Retention: whole segments of the log that were exported are removed, but for the hashes of their events, so that all proofs still hold.

import type { Pruned, PruneRequest } from '../contract/audit.ts'
import { PinlabError } from '../errors.ts'
import type { Database } from '../plugins/database/database.ts'
import { record } from './audit.ts'
import { readTree, segmentLength } from './audit-store.ts'
import type { Checkpoints } from './checkpoints.ts'
import {
  findFirstSince,
  findFirstUnpruned,
  pruneSegment,
  readBundleExports,
} from './pruning-store.ts'
import type { Webhooks } from './webhooks.ts'

const segmentsPerTransaction = 4
/** What one request takes at most: 262,144 events. */
const segmentsPerRequest = 1024

interface Range {
  /** Of the segments, from 0; `end` is the first that stays. */
  start: number
  end: number
}

export class Pruning {
  constructor(
    private readonly parts: { database: Database; checkpoints: Checkpoints; webhooks: Webhooks },
  ) {}

  /** From the oldest on, some segments in each transaction: what a crash leaves is pruned up to some segment. */
  async prune(
    { before, bundleSha256, reason }: PruneRequest,
    { actor }: { actor: string },
  ): Promise<Pruned> {
    const { database } = this.parts
    const { start, end: whole } = await this.#segmentsBefore(before)
    const end = Math.min(whole, start + segmentsPerRequest)
    const first = start * segmentLength + 1
    const last = end * segmentLength
    const exported = await this.#check({ first, last, bundleSha256 })
    for (let from = start; from < end; from += segmentsPerTransaction) {
      const to = Math.min(end, from + segmentsPerTransaction)
      await database.write(async (tx) => {
        for (let index = from; index < to; index++) {
          if (!(await pruneSegment(tx, index))) throw notItself(index)
        }
        const range = { first: from * segmentLength + 1, last: to * segmentLength }
        const detail = { ...range, bundleSha256, exported, reason }
        await record(tx, { type: 'audit.pruned', actor, detail })
      })
    }
    return { first, last, left: (whole - end) * segmentLength }
  }

  async #segmentsBefore(before: PruneRequest['before']): Promise<Range> {
    const { reader } = this.parts.database
    const { size } = await readTree(reader)
    const since =
      typeof before === 'number' ? before : await findFirstSince(reader, new Date(before))
    const end = Math.floor(Math.min((since ?? size + 1) - 1, size) / segmentLength)
    const start = (await findFirstUnpruned(reader)) ?? end
    if (start < end) return { start, end }
    throw refused(
      `No ${segmentLength} whole events that can be removed lie before that. The log is pruned in pieces of ${segmentLength}, from the oldest on.`,
    )
  }

  /** The number of the event that tells of their export. */
  async #check({
    first,
    last,
    bundleSha256,
  }: {
    first: number
    last: number
    bundleSha256: string
  }): Promise<number> {
    const { checkpoints, database, webhooks } = this.parts
    if ((checkpoints.last?.size ?? 0) < last) {
      throw refused('No checkpoint covers these events yet. Try again in a minute.')
    }
    const late = await webhooks.namesBehind(last)
    if (late.length > 0) {
      throw refused(
        `Some of these events have not been told to ${late.join(', ')} yet. Wait, or take the webhook out of pinlab.yaml.`,
      )
    }
    const covering = (await readBundleExports(database.reader)).filter(
      ({ from, to }) => from <= first && to >= last,
    )
    if (covering.length === 0) {
      throw refused(
        `No bundle that has the events ${first} to ${last} was exported. Export the log (format bundle) and keep the file first.`,
      )
    }
    const same = covering.find(({ sha256 }) => sha256 === null || sha256 === bundleSha256)
    if (same) return same.seq
    throw refused(
      'This is not the SHA-256 of a bundle that has these events. Compute it over the file that you keep.',
    )
  }
}

function refused(detail: string): PinlabError {
  return new PinlabError('PINLAB_AUDIT_PRUNE', detail)
}

function notItself(index: number): PinlabError {
  const first = index * segmentLength + 1
  return refused(
    `The events ${first} to ${first + segmentLength - 1} are not those that the log's tree was made of, so they stay. Verify a bundle: it names the first that was changed.`,
  )
}
