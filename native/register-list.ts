// Lists of register commands: checked, packed for the addon, and their outcome unpacked.

import { setTimeout } from 'node:timers/promises'
import { addon, type ListAnswer, type NativeCard } from './addon.ts'
import { invalid } from './errors.ts'
import type { RegisterAddress, RegisterCommand, RegisterTransfer } from './surface.ts'

const operation = 'transferRegisters'
const maxCommands = 4096
const commandWords = 8
const timeOutWord = 6
/** Between the tries of a poll, after the first 2 ms. */
const pauseMs = 2
/** As core numbers them. */
const kinds = { read: 0, write: 1, readBlock: 2, writeBlock: 3, mask: 4, pollUntil: 5 } as const

const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0

/** A number or bigint of 64 bits without a sign; whether it fits its register is checked in core. */
export function registerValue(value: number | bigint, of = operation): bigint {
  const fits = typeof value === 'bigint' ? value >= 0n && value < 1n << 64n : isWhole(value)
  if (!fits) throw invalid(of, 'the value does not fit in the register')
  return BigInt(value)
}

function address(register: RegisterAddress | undefined): bigint[] {
  const { barIndex, offset, width } = register ?? {}
  if (![barIndex, offset, width].every(isWhole) || Number(barIndex) > 0xffff_ffff) {
    throw invalid(operation, 'a command needs a register address')
  }
  const known = width === 8 || width === 16 || width === 32 || width === 64
  return [barIndex, offset, known ? width : 0].map((part) => BigInt(part as number))
}

const none = [0n, 0n, 32n]

/** The words of one command, and the bytes that it writes. */
function pack(command: RegisterCommand): { words: bigint[]; bytes?: Uint8Array } {
  const kind = BigInt(kinds[command.command])
  switch (command.command) {
    case 'read':
      return { words: [kind, ...address(command.register), 0n, 0n, 0n, 0n] }
    case 'write': {
      const value = registerValue(command.value)
      return { words: [kind, ...address(command.register), value, 0n, 0n, 0n] }
    }
    case 'readBlock':
      return { words: [kind, ...address(command.register), 0n, 0n, ...blockShape(command)] }
    case 'writeBlock': {
      if (!(command.bytes instanceof Uint8Array)) throw invalid(operation, 'a block needs bytes')
      const shape = blockShape({ ...command, byteLength: command.bytes.byteLength })
      return { words: [kind, ...address(command.register), 0n, 0n, ...shape], bytes: command.bytes }
    }
    case 'mask':
      return { words: [kind, ...none, 0n, registerValue(command.mask), 0n, 0n] }
    case 'pollUntil': {
      const { register, mask, value, timeoutMs } = command
      if (!(timeoutMs >= 0 && timeoutMs <= 10_000)) {
        throw invalid(operation, 'a poll may take 0 to 10,000 ms')
      }
      const test = [registerValue(value), registerValue(mask)]
      return {
        words: [kind, ...address(register), ...test, BigInt(Math.round(timeoutMs * 1000)), 0n],
      }
    }
  }
}

function blockShape(block: {
  register: RegisterAddress
  byteLength: number
  autoIncrement: boolean
}): bigint[] {
  const size = block.register.width / 8
  if (!isWhole(block.byteLength) || block.byteLength % size !== 0) {
    throw invalid(operation, 'a block is a whole number of elements')
  }
  return [BigInt(block.byteLength / size), block.autoIncrement ? 1n : 0n]
}

function packList(commands: readonly RegisterCommand[]) {
  const packed = commands.map((command) => {
    if (!Object.hasOwn(kinds, command?.command)) throw invalid(operation, 'an unknown command')
    return pack(command)
  })
  const written = Buffer.concat(packed.flatMap(({ bytes }) => (bytes ? [bytes] : [])))
  return {
    words: BigUint64Array.from(packed.flatMap(({ words }) => words)),
    written: new Uint8Array(written),
  }
}

/**
 * Runs a list. Between the tries of a poll nothing is kept but a timer: no thread, and no handle
 * that the end of the environment would have to wait for.
 */
export async function runList(
  card: NativeCard,
  asked: readonly RegisterCommand[],
): Promise<RegisterTransfer> {
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > maxCommands) {
    throw invalid(operation, 'a list has 1 to 4,096 commands')
  }
  // Copied, because the caller's list may change while this one runs.
  const commands: RegisterCommand[] = asked.map((command) => ({ ...command }))
  const { words, written } = packList(commands)
  const outcome: RegisterTransfer = { values: [], completed: 0, matched: true }
  for (;;) {
    const done = outcome.completed
    const rest = words.subarray(done * commandWords)
    const sent = writtenByteLength(commands.slice(0, done))
    const answer = await addon.transferRegisters(card, rest, written.subarray(sent), done)
    const { matched, waited } = answer
    outcome.values.push(...unpack(commands.slice(done), answer))
    outcome.completed = outcome.values.length
    outcome.matched = matched
    if (waited === undefined) return outcome
    const begun = performance.now()
    await setTimeout(pauseMs)
    const gone = waited + Math.round((performance.now() - begun) * 1000)
    takeTime(words, outcome.completed, gone)
  }
}

/** Leaves a poll so much less time; with none left it is tried once more. */
function takeTime(words: BigUint64Array, index: number, microseconds: number): void {
  const at = index * commandWords + timeOutWord
  const left = Number(words[at]) - microseconds
  words[at] = BigInt(Math.max(left, 0))
}

function writtenByteLength(commands: readonly RegisterCommand[]): number {
  return commands.reduce(
    (sum, command) => sum + (command.command === 'writeBlock' ? command.bytes.byteLength : 0),
    0,
  )
}

function unpack(commands: readonly RegisterCommand[], { values, bytes }: ListAnswer) {
  let at = 0
  return Array.from(values, (value, i) => {
    const command = commands[i]
    if (command?.command === 'readBlock') {
      at += command.byteLength
      return bytes.slice(at - command.byteLength, at)
    }
    if (command?.command !== 'read' && command?.command !== 'pollUntil') return undefined
    return command.register.width === 64 ? value : Number(value)
  })
}
