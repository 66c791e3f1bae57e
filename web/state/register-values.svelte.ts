// Register values that a person read or wrote, and what went wrong with each.

import { SvelteMap } from 'svelte/reactivity'
import type { RegisterOperation } from '../../server/contract/board.ts'
import { operateRegisters } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { clock } from './clock.svelte.ts'

export interface ReadValue {
  value: bigint
  readAt: number
}

export class RegisterValues {
  readonly values = new SvelteMap<string, ReadValue>()
  readonly reading = new Action()

  constructor(private readonly board: string) {}

  clear(): void {
    this.values.clear()
    this.reading.dismiss()
  }

  readAll(names: string[]): Promise<boolean> {
    return this.reading.run(() => this.read(names))
  }

  async read(names: string[]): Promise<void> {
    await this.#operate(names.map((register) => ({ op: 'read', register })))
  }

  /** Writes, then shows what the register says by itself, where looking does no harm. */
  async write(register: { name: string; readBack: boolean }, value: bigint): Promise<void> {
    const { name, readBack } = register
    const write = { op: 'write' as const, register: name, value: `0x${value.toString(16)}` }
    await this.#operate(readBack ? [write, { op: 'read', register: name }] : [write])
  }

  async #operate(operations: RegisterOperation[]): Promise<void> {
    const { values } = await operateRegisters(this.board, operations)
    const readAt = clock.read()
    operations.forEach(({ register }, i) => {
      const value = values[i]
      if (value !== undefined) this.values.set(register, { value: BigInt(value), readAt })
    })
  }
}
