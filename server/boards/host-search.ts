// The search of locked memory: part by part, one part at a time however many search, so that it takes one worker of the pool at most.

import { findBytes } from '../../native/index.ts'
import type { HostSearchRequest, HostSearchResult } from './device-host.ts'
import { coded } from './host-errors.ts'
import type { HostLocks } from './host-locks.ts'

const partByteLength = 16 * 1024 * 1024
/** Whoever asked is answered after so long, and may go on from there. */
const longestMs = 2000

interface Part {
  from: number
  end: number
}

export class HostSearch {
  #turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly locks: HostLocks) {}

  async search(lockId: string, request: HostSearchRequest): Promise<HostSearchResult> {
    const until = performance.now() + longestMs
    const matches: number[] = []
    const { byteLength } = this.locks.require(lockId).lock
    let next: number | null = request.backward
      ? Math.min(request.offset, byteLength - 1)
      : request.offset
    while (next !== null && matches.length < request.limit && performance.now() < until) {
      const part = partAt(next, byteLength, request.backward)
      const limit = request.limit - matches.length
      const found = await this.#inTurn(() => this.#find(lockId, { ...request, ...part, limit }))
      matches.push(...found)
      next = after(part, found.length < limit ? null : (found.at(-1) ?? null), request.backward)
      if (next !== null && (next < 0 || next >= byteLength)) next = null
    }
    return { matches, next }
  }

  /** The lock may have ended since the part before. */
  #find(lockId: string, { bytes, mask, ...range }: HostSearchRequest & Part): Promise<number[]> {
    const { lock } = this.locks.require(lockId)
    return coded(() => findBytes(lock.userBytes, { bytes, mask }, range))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => {})
    return mine
  }
}

function partAt(offset: number, byteLength: number, backward: boolean): Part {
  return backward
    ? { from: Math.max(0, offset + 1 - partByteLength), end: offset + 1 }
    : { from: offset, end: Math.min(byteLength, offset + partByteLength) }
}

/** Where the search goes on: beside the last match if there may be more in the part, else beside the part. */
function after({ from, end }: Part, lastMatch: number | null, backward: boolean): number {
  if (lastMatch !== null) return backward ? lastMatch - 1 : lastMatch + 1
  return backward ? from - 1 : end
}
