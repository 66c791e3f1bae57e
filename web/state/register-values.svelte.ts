// Register values that a person read, wrote or watches, and what went wrong with each.

import { SvelteMap } from 'svelte/reactivity'
import type { RegisterOperation } from '../../server/contract/board.ts'
import { operateRegisters } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { clock } from './clock.svelte.ts'

export interface ReadValue {
  value: bigint
  readAt: number
  /** When it was first seen to be another than before; null if it never was. */
  changedAt: number | null
}

/** The bits of a mask, in their place. */
export interface MaskedValue {
  mask: bigint
  value: bigint
}

interface NamedRegister {
  name: string
  /** Reading it does no harm. */
  readBack: boolean
}

/** About twice a second, one request at a time. */
const watchMs = 500
/** A register that is waited for has so long. */
export const pollTimeoutMs = 5000

export class RegisterValues {
  readonly values = new SvelteMap<string, ReadValue>()
  /** When the registers that may be read in passing were last read. */
  readAt = $state<number | null>(null)
  watched = $state(false)
  readonly reading = new Action()
  readonly #board: string
  readonly #onoperated: (operations: RegisterOperation[]) => void
  readonly #isHidden: () => boolean

  /** `onoperated` hears of what may have changed the board, once it is done. */
  constructor(
    board: string,
    onoperated: (operations: RegisterOperation[]) => void = () => {},
    isHidden = () => document.hidden,
  ) {
    this.#board = board
    this.#onoperated = onoperated
    this.#isHidden = isHidden
  }

  clear(): void {
    this.values.clear()
    this.readAt = null
    this.watched = false
    this.reading.dismiss()
  }

  readAll(names: string[]): Promise<boolean> {
    return this.reading.run(() => this.#look(names))
  }

  /** Reads them again and again, while the page is seen, until the result is called or a reading fails. */
  watch(names: string[]): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    let goesOn = true
    const round = async () => {
      const read = this.#isHidden() || this.reading.busy || (await this.readAll(names))
      if (!goesOn) return
      if (read) timer = setTimeout(round, watchMs)
      else this.watched = false
    }
    void round()
    return () => {
      goesOn = false
      clearTimeout(timer)
    }
  }

  /** On purpose, one that changes when it is read. */
  async read(name: string): Promise<void> {
    await this.#change({ op: 'read', register: name }, false)
  }

  /** Writes, then shows what the register says by itself, where looking does no harm. */
  async write({ name, readBack }: NamedRegister, value: bigint): Promise<void> {
    await this.#change({ op: 'write', register: name, value: toHex(value) }, readBack)
  }

  /** Changes some bits and leaves the others, in one step of the server. */
  async update(name: string, { mask, value }: MaskedValue): Promise<void> {
    const bits = { mask: toHex(mask), value: toHex(value) }
    await this.#change({ op: 'update', register: name, ...bits }, true)
  }

  /** Until these bits have this value. */
  async waitFor(name: string, { mask, value }: MaskedValue): Promise<void> {
    const bits = { mask: toHex(mask), value: toHex(value), timeoutMs: pollTimeoutMs }
    await this.#change({ op: 'pollUntil', register: name, ...bits }, false)
  }

  async #change(operation: RegisterOperation, readBack: boolean): Promise<void> {
    const { register } = operation
    await this.#operate(readBack ? [operation, { op: 'read', register }] : [operation])
    this.#onoperated([operation])
  }

  async #look(names: string[]): Promise<void> {
    await this.#operate(names.map((register) => ({ op: 'read', register })))
    this.readAt = clock.read()
  }

  async #operate(operations: RegisterOperation[]): Promise<void> {
    const { values } = await operateRegisters(this.#board, operations)
    const readAt = clock.read()
    const read = new Map(operations.map(({ register }, i) => [register, values[i]]))
    for (const [register, text] of read) {
      if (text === undefined) continue
      const value = BigInt(text)
      const known = this.values.get(register)
      const isNew = known !== undefined && known.value !== value
      this.values.set(register, {
        ...{ value, readAt, changedAt: isNew ? readAt : (known?.changedAt ?? null) },
      })
    }
  }
}

const toHex = (value: bigint) => `0x${value.toString(16)}`
