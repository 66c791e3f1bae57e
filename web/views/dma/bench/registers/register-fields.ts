// A register's value, decoded by its map.

import type { Static } from 'typebox'
import type { Register, RegisterField } from '../../../../../server/contract/board.ts'
import { formatCount, formatHex } from '../../../../shared/format.ts'

type Field = Static<typeof RegisterField>

/** 32 bits: 8 digits. */
export const formatValue = (value: bigint, width: number): string => formatHex(value, width / 4)

export function fieldValue(value: bigint, [highest, lowest]: [number, number]): bigint {
  return (value >> BigInt(lowest)) & ((1n << BigInt(highest - lowest + 1)) - 1n)
}

function fieldWords(value: bigint, field: Field): string {
  const part = fieldValue(value, field.bits)
  const meaning = field.values?.[String(part)]
  return meaning === undefined ? `${field.name} ${part}` : `${field.name} ${meaning}`
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
