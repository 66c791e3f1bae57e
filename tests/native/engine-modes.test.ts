// What a channel can do besides plain runs: poll mode, counters, a fixed card address, four channels each way.

import { expect, test } from 'vitest'
import type { DmaLock } from '../../native/index.ts'
import { type Board, openBoard } from './board-fixture.ts'
import {
  descriptorAddress,
  deviceAddress,
  runAndLogAll,
  status,
  writeDescriptor,
} from './xdma-channel.ts'

const pieceByteLength = 64
const pollMode = 1 << 26
const nonIncrement = 1 << 25
const alignMismatch = 1 << 3
const wordOffset = 8192

/** `count` descriptors of h2c0 from a lock of 4 KiB, each after the other in card memory. */
async function pieces(board: Board, count: number, completed: (index: number) => boolean) {
  const lock = await board.contiguous(4096)
  for (let index = 0; index < count; index++) {
    writeDescriptor(board.ring, index, {
      length: pieceByteLength,
      source: deviceAddress(lock, index * pieceByteLength),
      destination: BigInt(index * pieceByteLength),
      stop: index === count - 1,
      completed: completed(index),
      next: descriptorAddress(board.ring, index + 1),
    })
  }
  return lock
}

function pollAt(board: Board, address: bigint) {
  board.h2c(0).write(0x88, Number(address & 0xffff_ffffn))
  board.h2c(0).write(0x8c, Number(address >> 32n))
}

const pollWord = (ring: DmaLock) => new DataView(ring.userBytes.buffer).getUint32(wordOffset, true)

test('the poll word counts all finished descriptors, without an interrupt', async () => {
  const board = await openBoard()
  await pieces(board, 5, (index) => index === 4)
  const address = deviceAddress(board.ring, wordOffset)
  pollAt(board, address)
  expect([board.h2c(0).read(0x88), board.h2c(0).read(0x8c)]).toEqual([
    Number(address & 0xffff_ffffn),
    Number(address >> 32n),
  ])
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | pollMode)
  await board.h2c(0).untilIdle()
  expect([pollWord(board.ring), board.readIrq(0x4c)]).toEqual([5, 0])
})

test('the poll word is not written without Completed, nor outside of poll mode', async () => {
  const board = await openBoard()
  pollAt(board, deviceAddress(board.ring, wordOffset))
  await pieces(board, 2, () => false)
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | pollMode)
  await board.h2c(0).untilIdle()
  await pieces(board, 2, () => true)
  board.h2c(0).start(descriptorAddress(board.ring))
  await board.h2c(0).untilIdle()
  expect(pollWord(board.ring)).toBe(0)
})

test('the poll word says that there was an error', async () => {
  const board = await openBoard()
  pollAt(board, deviceAddress(board.ring, wordOffset))
  writeDescriptor(board.ring, 0, { length: 64, source: 0x7000n, destination: 0n, stop: true })
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | pollMode)
  await board.h2c(0).untilIdle()
  expect(pollWord(board.ring)).toBe(0x8000_0000)
  expect(board.h2c(0).read(0x44)).toBe(status.readError)
})

test('a poll word that the host refuses is lost, and nothing else', async () => {
  const board = await openBoard()
  pollAt(board, 0x7000n)
  await pieces(board, 2, () => true)
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | pollMode)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).completedCount).toBe(2)
})

test('the performance counters count beats and cycles of a run, and auto clears them', async () => {
  const board = await openBoard()
  const channel = board.h2c(0)
  await pieces(board, 8, () => false)
  for (const round of [1, 2]) {
    if (round === 1) {
      channel.write(0xc0, 2)
      channel.write(0xc0, 5)
    }
    channel.start(descriptorAddress(board.ring))
    await channel.untilIdle()
    expect([channel.read(0xc0), channel.read(0xcc), channel.read(0xd0)]).toEqual([5, 16, 0])
    expect(channel.read(0xc4)).toBeGreaterThan(0)
    expect(channel.read(0xc4)).toBe(channel.read(0xc4))
  }
  channel.write(0xc0, 2)
  expect([channel.read(0xc0), channel.read(0xc4), channel.read(0xcc)]).toEqual([0, 0, 0])
})

test('in non-increment mode the card address stands still', async () => {
  const board = await openBoard()
  const lock = await pieces(board, 1, () => false)
  lock.userBytes.fill(1, 0, 32)
  lock.userBytes.fill(2, 32, 64)
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | nonIncrement)
  await board.h2c(0).untilIdle()
  const target = await board.contiguous(4096)
  const read = async (control: number) => {
    target.userBytes.fill(9)
    writeDescriptor(board.ring, 0, {
      length: 64,
      source: 0n,
      destination: deviceAddress(target),
      stop: true,
    })
    board.c2h(0).start(descriptorAddress(board.ring), 0, control)
    await board.c2h(0).untilIdle()
    return [target.userBytes[0], target.userBytes[31], target.userBytes[32], target.userBytes[63]]
  }
  expect(await read(runAndLogAll)).toEqual([2, 2, 0, 0])
  expect(await read(runAndLogAll | nonIncrement)).toEqual([2, 2, 2, 2])
})

test.each([
  ['length', 63, 0, 0],
  ['host address', 32, 4, 0],
  ['card address', 32, 0, 16],
])('non-increment mode takes no %s that is not whole beats', async (_, length, offset, card) => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  writeDescriptor(board.ring, 0, {
    length,
    source: deviceAddress(lock, offset),
    destination: BigInt(card),
    stop: true,
  })
  board.h2c(0).start(descriptorAddress(board.ring), 0, runAndLogAll | nonIncrement)
  await board.h2c(0).untilIdle()
  expect([board.h2c(0).read(0x44), board.h2c(0).completedCount]).toEqual([alignMismatch, 0])
})

test('four channels each way run at once, each with its own interrupt', async () => {
  const four = Array(4).fill('memory') as 'memory'[]
  const board = await openBoard({ h2c: four, c2h: four })
  const seen = new Set<number>()
  for (let vector = 0; vector < 8; vector++) board.card.onInterrupt(vector, () => seen.add(vector))
  board.writeIrq(0xa0, 0x03020100)
  board.writeIrq(0xa4, 0x07060504)
  board.writeIrq(0x14, 0xff)
  const rings = await Promise.all(Array.from({ length: 8 }, () => board.contiguous(4096)))
  const locks = await Promise.all(Array.from({ length: 8 }, () => board.contiguous(65_536)))
  const channelOf = (index: number) => (index < 4 ? board.h2c(index) : board.c2h(index - 4))
  const start = (index: number) => {
    const [ring, lock] = [rings[index], locks[index]]
    if (!ring || !lock) throw new RangeError('no such channel')
    const host = deviceAddress(lock)
    const card = BigInt((index % 4) * 65_536)
    writeDescriptor(ring, 0, {
      length: 65_536,
      source: index < 4 ? host : card,
      destination: index < 4 ? card : host,
      stop: true,
    })
    channelOf(index).write(0x90, status.stopped)
    channelOf(index).start(descriptorAddress(ring))
  }
  for (let index = 0; index < 4; index++) locks[index]?.userBytes.fill(index + 1)
  for (const from of [0, 4]) {
    for (let index = from; index < from + 4; index++) start(index)
    for (let index = from; index < from + 4; index++) await channelOf(index).untilIdle()
  }
  for (let index = 4; index < 8; index++) {
    expect(locks[index]?.userBytes.every((byte) => byte === index - 3)).toBe(true)
  }
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})
