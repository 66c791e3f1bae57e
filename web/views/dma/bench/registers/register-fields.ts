// A register's value, decoded by its map.

import type { Static } from 'typebox'
import type { Register, RegisterField } from '../../../../../server/contract/board.ts'
import { formatCount, formatHex } from '../../../../shared/format.ts'
import type { MaskedValue } from '../../../../state/register-values.svelte.ts'

export type Field = Static<typeof RegisterField>

/** 32 bits: 8 digits. */
export const formatValue = (value: bigint, width: number): string => formatHex(value, width / 4)

export function fieldValue(value: bigint, [highest, lowest]: [number, number]): bigint {
  return (value >> BigInt(lowest)) & ((1n << BigInt(highest - lowest + 1)) - 1n)
}

/** What a field's value means, or the number. */
export const meaningOf = ({ values }: Field, part: bigint): string =>
  values?.[String(part)] ?? String(part)

const fieldWords = (value: bigint, field: Field) =>
  `${field.name} ${meaningOf(field, fieldValue(value, field.bits))}`

export const fieldWidth = ([highest, lowest]: Field['bits']): number => highest - lowest + 1

/** "11:8", or "0" where it is one bit. */
export const bitsWords = ([highest, lowest]: Field['bits']): string =>
  highest === lowest ? String(highest) : `${highest}:${lowest}`

/** A field's value in its place, and the bits that it takes there. */
export function placed({ bits }: Field, part: bigint): MaskedValue {
  const lowest = BigInt(bits[1])
  return { mask: ((1n << BigInt(fieldWidth(bits))) - 1n) << lowest, value: part << lowest }
}

/** Its named values, least first; none where it is a number. */
export function choicesOf({ values = {} }: Field): { value: bigint; words: string }[] {
  return Object.entries(values)
    .map(([text, words]) => ({ value: BigInt(text), words }))
    .sort((a, b) => Number(a.value - b.value))
}

/** "enable 1 · source recording", or the number with its unit where the register has no fields. */
export function decode(register: Register, value: bigint): string {
  if (register.fields.length > 0) {
    return register.fields.map((field) => fieldWords(value, field)).join(' · ')
  }
  return register.unit ? `${formatCount(Number(value))} ${register.unit}` : ''
}

export const readable = (register: Register): boolean => register.access !== 'write'
export const writable = (register: Register): boolean => register.access !== 'read'

/** Reading it changes nothing on the board. */
export const safeToRead = (register: Register): boolean =>
  readable(register) && !register.changesWhenRead && !register.ownedByDriver

const accessWords = { read: 'read', write: 'write', readWrite: 'read and write' } as const

/** "32 bits · read and write · frames/s". */
export function factsOf({ width, access, unit, changesWhenRead }: Register): string {
  const facts = [`${width} bits`, accessWords[access], unit, changesWhenRead && 'changes when read']
  return facts.filter(Boolean).join(' · ')
}

/** Some of its bits may be changed: the others are read first and written back. */
export const changeable = (register: Register): boolean =>
  writable(register) && safeToRead(register)

const shownMs = 4000

/** Whether a value is to be marked as changed, and for a while only. */
export const isFresh = (changedAt: number | null, now: number): boolean =>
  changedAt !== null && now - changedAt < shownMs

export interface RegisterGroup {
  barIndex: number
  registers: Register[]
}

export function groupByBar(registers: Register[]): RegisterGroup[] {
  const groups = new Map<number, Register[]>()
  for (const register of registers) {
    groups.set(register.barIndex, [...(groups.get(register.barIndex) ?? []), register])
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([barIndex, members]) => ({
      barIndex,
      registers: members.sort((a, b) => a.offset - b.offset),
    }))
}
