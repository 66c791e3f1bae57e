// How drivers write the register map that people see.

import type { Register } from '../contract/board.ts'

/** What a register of 32 bits reads as when nobody answers. */
export const allOnes = 0xffff_ffff

type Field = Register['fields'][number]

export function field(
  name: string,
  high: number,
  low: number,
  description: string,
  values?: Field['values'],
): Field {
  return { name, bits: [high, low], description, ...(values ? { values } : {}) }
}

/** A register of 32 bits that anybody may touch, unless `more` says otherwise. */
export function register(
  name: string,
  barIndex: number,
  offset: number,
  access: Register['access'],
  description: string,
  more: Partial<Register> = {},
): Register {
  const plain = { changesWhenRead: false, ownedByDriver: false, fields: [] }
  return { name, barIndex, offset, width: 32, access, description, ...plain, ...more }
}
