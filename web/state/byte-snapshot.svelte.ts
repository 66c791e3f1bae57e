// The bytes of a lock as they were once, in this page only, and where the memory differs from them now.

import { maxDataByteLength } from '../../server/contract/limits.ts'
import { plural } from '../shared/format.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'
import { clock } from './clock.svelte.ts'
import { type LockBytes, lockBytes } from './lock-bytes.ts'

/** A stretch of bytes that all differ. */
export interface Difference {
  offset: number
  byteLength: number
}

export class ByteSnapshot {
  readonly reading = new Action()
  bytes = $state.raw<Uint8Array | null>(null)
  takenAt = $state<number | null>(null)
  /** As found when the whole lock was compared last. */
  differences = $state.raw<Difference[] | null>(null)
  readonly differing = $derived(
    this.differences?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? null,
  )
  #session: string | null = null

  constructor(private readonly memory: LockBytes = lockBytes) {}

  /** Of locks up to this length. */
  static readonly mostByteLength = maxDataByteLength

  take(session: string, byteLength: number): Promise<boolean> {
    return this.reading.run(async () => {
      this.bytes = await this.memory.read(session, 0, byteLength)
      this.#session = session
      this.takenAt = clock.read()
      this.differences = null
      announcer.say('Snapshot taken')
    })
  }

  /** Reads the whole lock as it is now. */
  compare(): Promise<boolean> {
    return this.reading.run(async () => {
      const [before, session] = [this.bytes, this.#session]
      if (!before || !session) return
      this.differences = differencesOf(before, await this.memory.read(session, 0, before.length))
      announcer.say(`${plural(this.differing ?? 0, 'byte')} differ from the snapshot`)
    })
  }

  /** As the memory is now; round its end once. Null where nothing differs. */
  async next(from: number): Promise<Difference | null> {
    if (!(await this.compare())) return null
    const all = this.differences ?? []
    return all.find(({ offset }) => offset > from) ?? all[0] ?? null
  }

  async previous(from: number): Promise<Difference | null> {
    if (!(await this.compare())) return null
    const all = this.differences ?? []
    return all.findLast(({ offset }) => offset < from) ?? all.at(-1) ?? null
  }

  /** Of a byte that is known now. */
  differs(at: number, byte: number | undefined): boolean {
    return byte !== undefined && this.bytes !== null && this.bytes[at] !== byte
  }

  forget = (): void => {
    this.bytes = null
    this.differences = null
    this.takenAt = null
    this.#session = null
    this.reading.dismiss()
  }
}

export function differencesOf(before: Uint8Array, now: Uint8Array): Difference[] {
  const all: Difference[] = []
  let from = -1
  for (let at = 0; at <= before.length; at++) {
    const differs = at < before.length && before[at] !== now[at]
    if (differs && from < 0) from = at
    if (differs || from < 0) continue
    all.push({ offset: from, byteLength: at - from })
    from = -1
  }
  return all
}
