// Reads and writes of a board's registers that people ask for, by name.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Register, RegisterOperation } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import type { OpenBoard } from './open-board.ts'

const pollMs = 1

/**
 * The value read or written by each operation. All names and rights are checked before the first register is touched. `checkLease`
 * throws when the caller's lease is over: a batch that polls may outlast it.
 */
export async function operateRegisters(
  board: OpenBoard,
  operations: RegisterOperation[],
  checkLease: () => void,
): Promise<string[]> {
  const steps = operations.map((operation) => ({ operation, register: allowed(board, operation) }))
  const values: string[] = []
  for (const { operation, register } of steps) {
    checkLease()
    values.push(toHex(await operate(board, register, operation, checkLease)))
  }
  return values
}

function allowed(board: OpenBoard, operation: RegisterOperation): Register {
  const register = board.driver.registers.find(({ name }) => name === operation.register)
  if (!register) {
    throw new PinlabError(
      'PINLAB_REGISTER_UNKNOWN',
      `${board.id} has no register ${operation.register}.`,
    )
  }
  const why = refusal(register, operation)
  if (why) throw new PinlabError('PINLAB_REGISTER_REFUSED', `${register.name} ${why}.`)
  return register
}

/** What is wrong with the operation on this register, or null. */
function refusal(register: Register, operation: RegisterOperation): string | null {
  const { access, width, changesWhenRead, ownedByDriver } = register
  const { op } = operation
  const writes = op === 'write' || op === 'update'
  if (ownedByDriver) return 'belongs to the driver'
  if (writes && access === 'read') return 'cannot be written'
  if (op !== 'write' && access === 'write') return 'cannot be read'
  if (op === 'pollUntil' && changesWhenRead) return 'changes when it is read, so it is never polled'
  if (op === 'update' && changesWhenRead)
    return 'changes when it is read, so it is only written whole'
  if (op === 'read') return null
  const words = op === 'write' ? [operation.value] : [operation.value, operation.mask]
  const tooWide = words.find((word) => BigInt(word) >> BigInt(width) !== 0n)
  if (tooWide !== undefined) return `has ${width} bits, into which ${tooWide} does not fit`
  if (op === 'write' || (BigInt(operation.value) & ~BigInt(operation.mask)) === 0n) return null
  return `would be set outside the mask ${operation.mask} by ${operation.value}`
}

async function operate(
  { card }: OpenBoard,
  register: Register,
  operation: RegisterOperation,
  checkLease: () => void,
): Promise<bigint> {
  const read = () => BigInt(card.readRegister(register))
  const write = (value: bigint) => {
    card.writeRegister(register, register.width === 64 ? value : Number(value))
    return value
  }
  if (operation.op === 'read') return read()
  const value = BigInt(operation.value)
  if (operation.op === 'write') return write(value)
  const mask = BigInt(operation.mask)
  if (operation.op === 'update') return write((read() & ~mask) | value)
  const deadline = performance.now() + operation.timeoutMs
  for (;;) {
    const seen = read()
    if ((seen & mask) === value) return seen
    if (performance.now() >= deadline) {
      throw new PinlabError(
        'PINLAB_REGISTER_TIME_OUT',
        `${register.name} was ${toHex(seen)} after ${operation.timeoutMs} ms.`,
        { wdStatus: 'WD_TIME_OUT_EXPIRED' },
      )
    }
    await sleep(pollMs)
    checkLease()
  }
}

const toHex = (value: bigint) => `0x${value.toString(16)}`
