// How engines walk descriptors: blocks, Stop, Completed, counts, rings, errors.

import { expect, test } from 'vitest'
import { type Board, openBoard } from './board-fixture.ts'
import {
  descriptorAddress,
  deviceAddress,
  runAndLogAll,
  status,
  until,
  writeDescriptor,
} from './xdma-channel.ts'

const pieceByteLength = 256

/** Memory for the device to read, each piece of it filled with its number. */
async function numberedPieces(board: Board, count: number) {
  const lock = await board.contiguous(count * pieceByteLength)
  for (let i = 0; i < count; i++) {
    lock.userBytes.fill(i + 1, i * pieceByteLength, (i + 1) * pieceByteLength)
  }
  return lock
}

/** What is in card memory from 0 on. */
async function cardMemory(board: Board, byteLength: number): Promise<Uint8Array> {
  const target = await board.contiguous(byteLength)
  const ring = await board.contiguous(4096)
  writeDescriptor(ring, 0, {
    length: byteLength,
    source: 0n,
    destination: deviceAddress(target),
    stop: true,
  })
  board.c2h(0).start(descriptorAddress(ring))
  await board.c2h(0).untilIdle()
  return target.userBytes.slice()
}

function piece(lock: Parameters<typeof deviceAddress>[0], number: number, place: number) {
  return {
    length: pieceByteLength,
    source: deviceAddress(lock, number * pieceByteLength),
    destination: BigInt(place * pieceByteLength),
  }
}

const firstBytes = (memory: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, i) => memory[i * pieceByteLength])

test('inside a block the next address is not used', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 4)
  for (let i = 0; i < 4; i++) {
    writeDescriptor(board.ring, i, { ...piece(lock, i, i), next: 0xdead_beefn, stop: i === 3 })
  }
  board.h2c(0).start(descriptorAddress(board.ring), 3)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).completedCount).toBe(4)
  expect(firstBytes(await cardMemory(board, 4 * pieceByteLength), 4)).toEqual([1, 2, 3, 4])
})

test('the last descriptor of a block names the next block and its length', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 5)
  const { ring } = board
  writeDescriptor(ring, 0, { ...piece(lock, 0, 0), nextAdjacent: 9 })
  writeDescriptor(ring, 1, {
    ...piece(lock, 1, 1),
    next: descriptorAddress(ring, 100),
    nextAdjacent: 2,
  })
  for (let i = 2; i < 5; i++) writeDescriptor(ring, 98 + i, { ...piece(lock, i, i), stop: i === 4 })
  board.h2c(0).start(descriptorAddress(ring), 1)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).completedCount).toBe(5)
  expect(firstBytes(await cardMemory(board, 5 * pieceByteLength), 5)).toEqual([1, 2, 3, 4, 5])
})

test('a Stop leaves run set, and only a new rising edge starts again', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 1)
  writeDescriptor(board.ring, 0, { ...piece(lock, 0, 0), stop: true, completed: true })
  const channel = board.h2c(0)
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
  expect(channel.read(0x04) & 1).toBe(1)
  expect(channel.read(0x40)).toBe(status.stopped | status.completed)
  channel.write(0x04, runAndLogAll)
  expect(channel.busy).toBe(false)
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
  expect(channel.completedCount).toBe(1)
})

test('status is cleared by writing ones and by the reading copy', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 1)
  writeDescriptor(board.ring, 0, { ...piece(lock, 0, 0), stop: true, completed: true })
  const channel = board.h2c(0)
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
  channel.write(0x40, status.stopped)
  expect(channel.read(0x40)).toBe(status.completed)
  expect(channel.read(0x44)).toBe(status.completed)
  expect(channel.read(0x44)).toBe(0)
})

test('what is not to be logged is not logged', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 1)
  writeDescriptor(board.ring, 0, { ...piece(lock, 0, 0), stop: true, completed: true })
  board.h2c(0).start(descriptorAddress(board.ring), 0, 1)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x40)).toBe(0)
  expect(board.h2c(0).completedCount).toBe(1)
})

test('a ring goes round until run is cleared, and ends idle after a whole descriptor', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 2)
  const { ring } = board
  // The first pass is one block; later ones go descriptor by descriptor.
  writeDescriptor(ring, 0, {
    ...piece(lock, 0, 0),
    completed: true,
    next: descriptorAddress(ring, 1),
  })
  writeDescriptor(ring, 1, {
    ...piece(lock, 1, 1),
    completed: true,
    next: descriptorAddress(ring, 0),
  })
  const channel = board.h2c(0)
  channel.start(descriptorAddress(ring), 1)
  await until(() => channel.completedCount > 1000)
  expect(channel.busy).toBe(true)
  channel.write(0x0c, 1)
  await channel.untilIdle()
  expect(channel.read(0x40) & status.idleStopped).toBe(status.idleStopped)
  const count = channel.completedCount
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(channel.completedCount).toBe(count)
})

test('wrong magic stops the engine', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 2)
  writeDescriptor(board.ring, 0, piece(lock, 0, 0))
  writeDescriptor(board.ring, 1, { ...piece(lock, 1, 1), stop: true, magic: 0xad4a })
  board.h2c(0).start(descriptorAddress(board.ring), 1)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x44)).toBe(status.magicStopped)
  expect(board.h2c(0).completedCount).toBe(1)
})

test('descriptors that cannot be fetched, and data that cannot be read, are errors', async () => {
  const board = await openBoard()
  const channel = board.h2c(0)
  channel.start(0x7777_0000n)
  await channel.untilIdle()
  expect(channel.read(0x44)).toBe(status.descriptorError)
  writeDescriptor(board.ring, 0, { length: 64, source: 0x7777_0000n, destination: 0n, stop: true })
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
  expect(channel.read(0x44)).toBe(status.readError)
  expect(channel.completedCount).toBe(0)
})

test.each([
  ['h2c', status.writeError],
  ['c2h', status.readError],
] as const)('%s beyond card memory is a decode error', async (direction, error) => {
  const board = await openBoard({ memoryByteLength: 4096 })
  const lock = await board.contiguous(4096)
  const beyond = 4096n - 63n
  const [source, destination] =
    direction === 'h2c' ? [deviceAddress(lock), beyond] : [beyond, deviceAddress(lock)]
  writeDescriptor(board.ring, 0, { length: 64, source, destination, stop: true })
  const channel = direction === 'h2c' ? board.h2c(0) : board.c2h(0)
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
  expect(channel.read(0x44)).toBe(error)
})

test('an error that is not to be logged does not stop the engine', async () => {
  const board = await openBoard()
  writeDescriptor(board.ring, 0, { length: 64, source: 0x7777_0000n, destination: 0n })
  writeDescriptor(board.ring, 1, { length: 64, source: 0x7777_0000n, destination: 0n, stop: true })
  board.h2c(0).start(descriptorAddress(board.ring), 1, 0x7)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x44)).toBe(status.stopped)
  expect(board.h2c(0).completedCount).toBe(2)
})

test('reset ends a transfer that would never end', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  // The ADC is not enabled: no sample ever comes.
  writeDescriptor(board.ring, 0, {
    length: 4096,
    source: deviceAddress(board.ring, 4096),
    destination: deviceAddress(lock),
    stop: true,
  })
  board.c2h(1).start(descriptorAddress(board.ring))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(board.c2h(1).busy).toBe(true)
  await board.card.reset()
  expect(board.c2h(1).busy).toBe(false)
  expect(board.c2h(1).completedCount).toBe(0)
})

test('without bus mastering nothing moves, and it goes on when that is back', async () => {
  const board = await openBoard()
  const lock = await numberedPieces(board, 1)
  writeDescriptor(board.ring, 0, { ...piece(lock, 0, 0), stop: true })
  board.card.setBusMaster(false)
  board.h2c(0).start(descriptorAddress(board.ring))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(board.h2c(0).busy).toBe(true)
  expect(board.h2c(0).completedCount).toBe(0)
  expect(board.card.pendingTransactions).toBe(0)
  board.card.setBusMaster(true)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).completedCount).toBe(1)
})
