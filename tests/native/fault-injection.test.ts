// Faults on purpose: what each does to a run.

import { expect, test } from 'vitest'
import type { IommuFault } from '../../native/index.ts'
import { enable, openBoard, source, user } from './board-fixture.ts'
import { arm, block, byteLength, twoDescriptors } from './faulty-board.ts'
import { status, until } from './xdma-channel.ts'

const channels = [
  ['h2c', 0],
  ['h2c', 1],
  ['c2h', 0],
  ['c2h', 1],
] as const

test.each(channels)('a stalled %s%i stays busy until reset', async (direction, number) => {
  const board = await openBoard()
  arm(board, 'stall', { direction, number, skip: 1 })
  const { channel, start } = await twoDescriptors(board, direction, number)
  start()
  await until(() => board.readUser(block.struck) === 1)
  channel.write(0x0c, 1)
  board.writeUser(user.adcControl, source.counter)
  expect([channel.busy, channel.completedCount]).toEqual([true, 1])
  expect(board.card.pendingTransactions).toBe(0)
  await board.card.reset()
  expect(channel.busy).toBe(false)
  expect(board.readUser(block.struck)).toBe(0)
  board.writeUser(user.adcRate, 0)
  board.writeUser(user.adcControl, source.counter | enable)
  start()
  await channel.untilIdle()
  expect(channel.read(0x44)).toBe(status.stopped | status.completed)
})

test('a stalled card closes all the same', async () => {
  const board = await openBoard()
  arm(board, 'stall', { direction: 'h2c', number: 0 })
  const { start } = await twoDescriptors(board, 'h2c', 0)
  start()
  await until(() => board.readUser(block.struck) === 1)
  await board.card.close()
})

test.each([
  ['h2c', 0],
  ['h2c', 1],
  ['c2h', 0],
] as const)(
  'a short %s%i is idle before its end and counts only what is whole',
  async (direction, number) => {
    const board = await openBoard()
    arm(board, 'shortTransfer', { direction, number, skip: 1 })
    const { channel, start } = await twoDescriptors(board, direction, number)
    start()
    await channel.untilIdle()
    expect(channel.completedCount).toBe(1)
    expect(channel.read(0x44)).toBe(status.completed)
  },
)

test('a short stream says in its result how short', async () => {
  const board = await openBoard()
  arm(board, 'shortTransfer', { direction: 'c2h', number: 1 })
  const { lock, channel, start } = await twoDescriptors(board, 'c2h', 1)
  start()
  await channel.untilIdle()
  expect([channel.completedCount, channel.read(0x44)]).toEqual([
    1,
    status.stopped | status.completed,
  ])
  const view = new DataView(board.ring.userBytes.buffer)
  expect([view.getUint16(8192 + 2, true), view.getUint32(8192 + 4, true)]).toEqual([
    0x52b4,
    byteLength / 2,
  ])
  const words = new Uint32Array(lock.userBytes.buffer)
  expect([words[byteLength / 8 - 1], words[byteLength / 8]]).toEqual([byteLength / 8 - 1, 0])
})

test.each(channels)(
  'a link lost on %s%i reads all ones and accesses nothing',
  async (direction, number) => {
    const board = await openBoard()
    const messages: number[] = []
    board.card.onInterrupt(0, ({ count }) => messages.push(count))
    board.writeIrq(0x14, 0xff)
    arm(board, 'linkLost', { direction, number })
    const { lock, channel, start } = await twoDescriptors(board, direction, number)
    channel.write(0x90, status.completed | status.stopped)
    start()
    await until(() => channel.read(0x00) === 0xffff_ffff)
    const read = (barIndex: number, width: 8 | 16 | 32) =>
      board.card.readRegister({ barIndex, offset: 0, width })
    expect([read(0, 32), read(1, 16), read(1, 8)]).toEqual([0xffff_ffff, 0xffff, 0xff])
    expect(board.card.readRegister({ barIndex: 0, offset: 0, width: 64 })).toBe(2n ** 64n - 1n)
    board.writeUser(user.adcControl, 0)
    await board.card.reset()
    expect(channel.read(0x00)).toBe(0xffff_ffff)
    if (direction === 'c2h') expect(lock.userBytes.every((byte) => byte === 0)).toBe(true)
    board.card.setBusMaster(false)
    board.card.setBusMaster(true)
    expect(messages).toEqual([])
    await lock.unlock()
    await board.card.restoreLink()
    expect(channel.read(0x00) >>> 20).toBe(0x1fc)
    expect([channel.busy, channel.read(0x04), board.readUser(block.arm)]).toEqual([false, 0, 0])
  },
)

test('a read from outside is an error, a write to outside vanishes, and both are reported', async () => {
  const board = await openBoard()
  const faults: IommuFault[] = []
  board.card.onFault((fault) => faults.push(fault))
  arm(board, 'iommuFault', { direction: 'h2c', number: 0 })
  arm(board, 'iommuFault', { direction: 'c2h', number: 1 })
  expect(board.readUser(block.arm)).toBe(2)
  const reading = await twoDescriptors(board, 'h2c', 0)
  reading.start()
  await reading.channel.untilIdle()
  expect(reading.channel.read(0x44)).toBe(status.readError)
  const writing = await twoDescriptors(board, 'c2h', 1)
  writing.start()
  await writing.channel.untilIdle()
  expect(writing.channel.read(0x44)).toBe(status.stopped | status.completed)
  expect(writing.lock.userBytes.subarray(0, byteLength).every((byte) => byte === 0)).toBe(true)
  await until(() => faults.length >= 2)
  expect(faults.map(({ channel, direction, reason }) => [channel, direction, reason])).toEqual([
    ['h2c0', 'toDevice', 'unmapped'],
    ['c2h1', 'fromDevice', 'unmapped'],
  ])
})

test('a lost interrupt leaves the level and sends no message', async () => {
  const board = await openBoard()
  const messages: number[] = []
  board.card.onInterrupt(0, ({ count }) => messages.push(count))
  board.writeIrq(0x14, 0xff)
  arm(board, 'lostInterrupt', { direction: 'c2h', number: 0 })
  const { channel, start } = await twoDescriptors(board, 'c2h', 0)
  channel.write(0x90, status.stopped)
  start()
  await channel.untilIdle()
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect([messages, board.readIrq(0x4c)]).toEqual([[], 1 << 2])
  expect(channel.read(0x44)).toBe(status.stopped | status.completed)
  start()
  await until(() => messages.length > 0)
  expect(messages).toEqual([1])
})

test('a flipped bit is in the data and nowhere else', async () => {
  const board = await openBoard()
  for (const direction of ['h2c', 'c2h'] as const) arm(board, 'dataFlip', { direction, number: 0 })
  const down = await twoDescriptors(board, 'h2c', 0)
  down.start()
  await down.channel.untilIdle()
  expect(down.lock.userBytes.every((byte) => byte === 1)).toBe(true)
  board.writeUser(block.arm, 0)
  const clean = await twoDescriptors(board, 'c2h', 0)
  clean.start()
  await clean.channel.untilIdle()
  expect(clean.lock.userBytes[0]).toBe(0x81)
  expect(clean.lock.userBytes.subarray(1).every((byte) => byte === 1)).toBe(true)
  expect(clean.channel.read(0x44)).toBe(status.stopped | status.completed)
})

test.each([
  ['dac sum', 'h2c'],
  ['adc', 'c2h'],
] as const)('a flipped bit reaches the %s', async (_, direction) => {
  const board = await openBoard()
  arm(board, 'dataFlip', { direction, number: 1 })
  const { lock, channel, start } = await twoDescriptors(board, direction, 1)
  start()
  await channel.untilIdle()
  if (direction === 'h2c') expect(board.readUser(user.dacSum)).not.toBe(2 * byteLength)
  else expect(lock.userBytes[0]).toBe(0x80)
})

test('a late completion has its data first and its count, status and interrupt later', async () => {
  const board = await openBoard()
  arm(board, 'lateCompletion', { direction: 'c2h', number: 1, delayMs: 50 })
  const { lock, channel, start } = await twoDescriptors(board, 'c2h', 1)
  start()
  await until(() => new Uint32Array(lock.userBytes.buffer)[100] === 100)
  expect([channel.completedCount, channel.read(0x40)]).toEqual([0, status.busy])
  await channel.untilIdle()
  expect([channel.completedCount, channel.read(0x44)]).toEqual([
    2,
    status.stopped | status.completed,
  ])
})
