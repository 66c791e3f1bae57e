// Reads and writes of a board's registers that people ask for, by name.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Register, RegisterOperation } from '../contract/board.ts'
import { PinlabError } from '../errors.ts'
import type { OpenBoard } from './open-board.ts'

const pollMs = 1

/** The value read or written by each operation. All names and rights are checked before the first register is touched. */
export async function operateRegisters(
  board: OpenBoard,
  operations: RegisterOperation[],
): Promise<string[]> {
  const steps = operations.map((operation) => ({ operation, register: allowed(board, operation) }))
  const values: string[] = []
  for (const { operation, register } of steps)
    values.push(toHex(await operate(board, register, operation)))
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
  const { name, access, width } = register
  if (register.ownedByDriver) {
    throw new PinlabError('PINLAB_REGISTER_REFUSED', `${name} belongs to the driver.`)
  }
  if (access === (operation.op === 'write' ? 'read' : 'write')) {
    throw new PinlabError(
      'PINLAB_REGISTER_REFUSED',
      `${name} cannot be ${operation.op === 'write' ? 'written' : 'read'}.`,
    )
  }
  if (operation.op === 'pollUntil' && register.changesWhenRead) {
    throw new PinlabError(
      'PINLAB_REGISTER_REFUSED',
      `${name} changes when it is read, so it is never polled.`,
    )
  }
  if (operation.op !== 'read' && BigInt(operation.value) >> BigInt(width) !== 0n) {
    throw new PinlabError(
      'PINLAB_REGISTER_REFUSED',
      `${operation.value} does not fit into the ${width} bits of ${name}.`,
    )
  }
  return register
}

async function operate(
  board: OpenBoard,
  register: Register,
  operation: RegisterOperation,
): Promise<bigint> {
  const read = () => BigInt(board.card.readRegister(register))
  if (operation.op === 'read') return read()
  const value = BigInt(operation.value)
  if (operation.op === 'write') {
    board.card.writeRegister(register, register.width === 64 ? value : Number(value))
    return value
  }
  const mask = BigInt(operation.mask)
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
  }
}

const toHex = (value: bigint) => `0x${value.toString(16)}`
