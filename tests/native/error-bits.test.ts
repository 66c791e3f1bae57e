// Faults on purpose that a status word tells of: wrong magic, error bits; and bus mastering off.

import { expect, test } from 'vitest'
import { openBoard, user } from './board-fixture.ts'
import { arm, block, byteLength, twoDescriptors } from './faulty-board.ts'
import { descriptorAddress, runAndLogAll, status, until } from './xdma-channel.ts'

const channels = [
  ['h2c', 0],
  ['h2c', 1],
  ['c2h', 0],
  ['c2h', 1],
] as const

const ended = status.stopped | status.completed

test.each(channels)(
  'wrong magic on %s%i stops the engine at its descriptor',
  async (way, number) => {
    const board = await openBoard()
    arm(board, 'wrongMagic', { direction: way, number, skip: 1 })
    const { lock, channel, start } = await twoDescriptors(board, way, number)
    start()
    await channel.untilIdle()
    expect([channel.read(0x44), channel.completedCount]).toEqual([
      status.completed | status.magicStopped,
      1,
    ])
    if (way === 'c2h') {
      expect(lock.userBytes.subarray(byteLength).every((byte) => byte === 0)).toBe(true)
    }
    start()
    await channel.untilIdle()
    expect([channel.read(0x44), channel.completedCount]).toEqual([ended, 2])
  },
)

test('wrong magic stops the engine also where it is not to be logged', async () => {
  const board = await openBoard()
  arm(board, 'wrongMagic', { direction: 'h2c', number: 0 })
  const { channel } = await twoDescriptors(board, 'h2c', 0)
  channel.start(descriptorAddress(board.ring), 0, 1)
  await channel.untilIdle()
  expect([channel.read(0x44), channel.completedCount]).toEqual([0, 0])
})

const ofBothWays = [3, 5, 9, 10, 19, 20, 21, 22, 23]
const each = channels.flatMap(([way, number]) =>
  [...ofBothWays, ...(way === 'h2c' ? [11, 12, 13, 14, 15] : [])].map(
    (bit) => [way, number, bit] as const,
  ),
)

test.each(each)('an error on %s%i is logged as bit %i, and stops it', async (way, number, bit) => {
  const board = await openBoard()
  const { channel, start } = await twoDescriptors(board, way, number)
  const messages: number[] = []
  board.card.onInterrupt(0, ({ count }) => messages.push(count))
  board.writeIrq(0x14, 0xff)
  channel.write(0x90, 1 << bit)
  arm(board, 'errorBits', { direction: way, number, bits: 1 << bit })
  start()
  await channel.untilIdle()
  await until(() => messages.length > 0)
  expect(messages).toEqual([1])
  expect([channel.read(0x44), channel.completedCount]).toEqual([1 << bit, 0])
  start()
  await channel.untilIdle()
  expect([channel.read(0x44), channel.completedCount]).toEqual([ended, 2])
})

test.each([9, 10, 14])('an error of bit %i that is not to be logged stops nothing', async (bit) => {
  const board = await openBoard()
  arm(board, 'errorBits', { direction: 'h2c', number: 0, bits: 1 << bit })
  const { channel } = await twoDescriptors(board, 'h2c', 0)
  channel.start(descriptorAddress(board.ring), 0, runAndLogAll & ~(1 << bit))
  await channel.untilIdle()
  expect([channel.read(0x44), channel.completedCount]).toEqual([ended, 2])
})

test('a descriptor that cannot be had ends the run also where that is not to be logged', async () => {
  const board = await openBoard()
  arm(board, 'errorBits', { direction: 'c2h', number: 0, bits: 1 << 20 })
  const { channel } = await twoDescriptors(board, 'c2h', 0)
  channel.start(descriptorAddress(board.ring), 0, 7)
  await channel.untilIdle()
  expect([channel.read(0x44), channel.completedCount]).toEqual([0, 0])
})

test('several bits at once are all logged, and those that a channel does not have are not', async () => {
  const board = await openBoard()
  arm(board, 'errorBits', { direction: 'c2h', number: 0, bits: 0xffff_ffff })
  const { channel, start } = await twoDescriptors(board, 'c2h', 0)
  start()
  await channel.untilIdle()
  expect(channel.read(0x44)).toBe(0x00f8_0628)
})

test.each(channels)(
  'bus mastering that %s%i loses stops everything until it is back',
  async (way, number) => {
    const board = await openBoard()
    arm(board, 'busMasterOff', { direction: way, number })
    const { lock, channel, start } = await twoDescriptors(board, way, number)
    start()
    await until(() => board.readUser(block.struck) === 1)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect([channel.busy, channel.completedCount]).toEqual([true, 0])
    expect(board.card.pendingTransactions).toBe(0)
    if (way === 'c2h') expect(lock.userBytes.every((byte) => byte === 0)).toBe(true)
    board.card.setBusMaster(true)
    await channel.untilIdle()
    expect([channel.read(0x44), channel.completedCount]).toEqual([ended, 2])
    expect(board.readUser(user.id)).toBe(0x504c4431)
  },
)

test('a board without bus mastering is reset and closed all the same', async () => {
  const board = await openBoard()
  arm(board, 'busMasterOff', { direction: 'c2h', number: 1 })
  const { lock, channel, start } = await twoDescriptors(board, 'c2h', 1)
  start()
  await until(() => board.readUser(block.struck) === 1)
  await board.card.reset()
  expect(channel.busy).toBe(false)
  await lock.unlock()
  await board.card.close()
})
