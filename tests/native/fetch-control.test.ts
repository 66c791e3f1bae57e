// Halting the fetch of descriptors, credits, and what the model says to a driver that makes mistakes.

import { expect, test } from 'vitest'
import { type Board, openBoard } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, status, until, writeDescriptor } from './xdma-channel.ts'

const credits = 0x408c
const h2c0 = 1
const read = ({ card }: Board, offset: number) =>
  card.readRegister({ barIndex: 1, offset: 0x6000 + offset, width: 32 })
const write = ({ card }: Board, offset: number, value: number) =>
  card.writeRegister({ barIndex: 1, offset: 0x6000 + offset, width: 32 }, value)
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 10))

/** Six descriptors of h2c0 in one block; `stopAt`: which one has Stop. */
async function block(board: Board, stopAt = 5) {
  const lock = await board.contiguous(4096)
  for (let index = 0; index < 6; index++) {
    writeDescriptor(board.ring, index, {
      length: 64,
      source: deviceAddress(lock, index * 64),
      destination: BigInt(index * 64),
      stop: index === stopAt,
    })
  }
}

test('halt and credit mode are set and cleared by bits, and reset clears them', async () => {
  const board = await openBoard()
  for (const base of [0x10, 0x20]) {
    write(board, base, 0xffff_ffff)
    expect(read(board, base)).toBe(0x000f_000f)
    write(board, base + 8, 0x0001_0002)
    expect(read(board, base)).toBe(0x000e_000d)
    write(board, base + 4, 0x0001_0000)
    expect(read(board, base)).toBe(0x000f_000d)
  }
  expect(read(board, 0)).toBe(0x1fc60006)
  await board.card.reset()
  expect([read(board, 0x10), read(board, 0x20)]).toEqual([0, 0])
})

test('a halted channel fetches nothing until it is let go', async () => {
  const board = await openBoard()
  await block(board)
  write(board, 0x14, h2c0)
  board.h2c(0).start(descriptorAddress(board.ring), 5)
  await aMoment()
  expect([board.h2c(0).busy, board.h2c(0).completedCount]).toEqual([true, 0])
  write(board, 0x18, h2c0)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).completedCount).toBe(6)
})

test('by credit a channel fetches as many descriptors as it has been given', async () => {
  const board = await openBoard()
  const channel = board.h2c(0)
  await block(board)
  write(board, 0x24, h2c0)
  channel.write(credits, 2)
  expect(channel.read(credits)).toBe(2)
  channel.start(descriptorAddress(board.ring), 5)
  // Clearing run, which a start begins with, has cleared the credits.
  await aMoment()
  expect([channel.completedCount, channel.busy]).toEqual([0, true])
  channel.write(credits, 2)
  await until(() => channel.completedCount === 2)
  await aMoment()
  expect([channel.completedCount, channel.busy]).toEqual([2, true])
  channel.write(credits, 10)
  await channel.untilIdle()
  expect([channel.completedCount, channel.read(credits)]).toEqual([6, 6])
})

test.each([
  ['halted', 0x14],
  ['without credits', 0x24],
])('a channel that is %s ends when run is cleared', async (_, register) => {
  const board = await openBoard()
  await block(board)
  write(board, register, h2c0)
  board.h2c(0).start(descriptorAddress(board.ring), 5)
  await aMoment()
  board.h2c(0).write(0x0c, 1)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x44)).toBe(status.idleStopped)
})

test('a channel without credits does not hold up a reset', async () => {
  const board = await openBoard()
  await block(board)
  write(board, 0x24, h2c0)
  board.h2c(0).start(descriptorAddress(board.ring), 5)
  await board.card.reset()
  expect(board.h2c(0).busy).toBe(false)
})

test('a driver without mistakes hears no complaint', async () => {
  const board = await openBoard()
  await block(board)
  board.h2c(0).start(descriptorAddress(board.ring), 5)
  await board.h2c(0).untilIdle()
  expect(board.card.complaints()).toEqual([])
})

test.each<[string, string, (board: Board) => void]>([
  [
    'Stop inside a block',
    'Stop inside',
    (board) => board.h2c(0).start(descriptorAddress(board.ring), 5),
  ],
  [
    'a block over 4 KiB',
    '4 KiB',
    (board) => board.h2c(0).start(descriptorAddress(board.ring, 126), 5),
  ],
  [
    'an unaligned descriptor',
    'aligned',
    (board) => board.h2c(0).start(descriptorAddress(board.ring) + 4n),
  ],
  [
    'more credits than there are',
    'credits',
    (board) => {
      board.h2c(0).write(credits, 1000)
      board.h2c(0).write(credits, 1000)
    },
  ],
  [
    'a descriptor of no bytes',
    'no bytes',
    (board) => {
      writeDescriptor(board.ring, 0, { length: 0, source: 0n, destination: 0n, stop: true })
      board.h2c(0).start(descriptorAddress(board.ring))
    },
  ],
  [
    'a stream buffer of 100 bytes',
    '64',
    (board) => {
      writeDescriptor(board.ring, 0, { length: 100, source: 0n, destination: 0n, stop: true })
      board.c2h(1).start(descriptorAddress(board.ring))
    },
  ],
])('%s is complained of, with the channel and once', async (_, words, mistake) => {
  const board = await openBoard()
  await block(board, 2)
  for (let round = 0; round < 2; round++) {
    mistake(board)
    await until(() => board.card.complaints().length > 0)
    await board.h2c(0).untilIdle()
    await board.c2h(1).untilIdle()
  }
  expect(board.card.complaints()).toHaveLength(1)
  expect(board.card.complaints()[0]).toMatch(new RegExp(`^(h2c0|c2h1) .*${words}`))
})

test('run that is written while it is 1 starts nothing, and is complained of', async () => {
  const board = await openBoard()
  await block(board)
  board.h2c(0).start(descriptorAddress(board.ring), 5)
  await board.h2c(0).untilIdle()
  board.h2c(0).read(0x44)
  board.h2c(0).write(0x08, 1)
  expect([board.h2c(0).busy, board.h2c(0).completedCount]).toEqual([false, 6])
  expect(board.card.complaints()).toEqual([expect.stringContaining('starts nothing')])
})
