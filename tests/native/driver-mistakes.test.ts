// What a careless driver may do to a board: none of it hangs, crashes, or reaches memory that is not locked.

import { expect, test } from 'vitest'
import type { IommuFault } from '../../native/index.ts'
import { enable, openBoard, source, user } from './board-fixture.ts'
import { arm, twoDescriptors } from './faulty-board.ts'
import { descriptorAddress, deviceAddress, status, until, writeDescriptor } from './xdma-channel.ts'

const highest = 2n ** 64n

test('descriptors of no bytes move none and are counted', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  const result = deviceAddress(board.ring, 4096)
  const none = { length: 0, destination: deviceAddress(lock), stop: true }
  board.writeUser(user.adcRate, 0)
  board.writeUser(user.adcControl, source.counter | enable)
  const adc = board.c2h(1)
  for (const channel of [board.h2c(0), board.h2c(1), board.c2h(0), adc]) {
    writeDescriptor(board.ring, 0, { ...none, source: channel === adc ? result : 0n })
    channel.start(descriptorAddress(board.ring))
    await channel.untilIdle()
    expect([channel.completedCount, channel.read(0x44)]).toEqual([1, status.stopped])
  }
  expect(lock.userBytes.every((byte) => byte === 0)).toBe(true)
  expect(board.readUser(user.dacBytesLow)).toBe(0)
  expect([...board.ring.userBytes.subarray(4096, 4104)]).toEqual([0, 0, 0xb4, 0x52, 0, 0, 0, 0])
})

test('a ring of descriptors of no bytes can be stopped', async () => {
  const board = await openBoard()
  const next = descriptorAddress(board.ring)
  writeDescriptor(board.ring, 0, { length: 0, source: 0n, destination: 0n, next })
  board.h2c(0).start(next)
  await until(() => board.h2c(0).completedCount > 1000)
  board.h2c(0).write(0x0c, 1)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x44) & status.idleStopped).toBe(status.idleStopped)
})

test.each([highest - 32n, highest - 4n])(
  'descriptors at %d are not found, and nothing goes on at 0',
  async (address) => {
    const board = await openBoard()
    board.h2c(0).start(address, 63)
    await board.h2c(0).untilIdle()
    expect(board.h2c(0).read(0x44)).toBe(status.descriptorError)
  },
)

test.each(['h2c', 'c2h'] as const)(
  'addresses that wrap round the end of the space are refused on %s',
  async (way) => {
    const board = await openBoard()
    const lock = await board.contiguous(4096)
    lock.userBytes.fill(7)
    const channel = way === 'h2c' ? board.h2c(0) : board.c2h(0)
    const error = way === 'h2c' ? status.writeError : status.readError
    const hostAt = (host: bigint, card: bigint) => ({
      length: 4096,
      stop: true,
      ...(way === 'h2c'
        ? { source: host, destination: card }
        : { source: card, destination: host }),
    })
    writeDescriptor(board.ring, 0, hostAt(deviceAddress(lock), highest - 64n))
    channel.start(descriptorAddress(board.ring))
    await channel.untilIdle()
    expect(channel.read(0x44)).toBe(error)
    const faults: IommuFault[] = []
    board.card.onFault((fault) => faults.push(fault))
    writeDescriptor(board.ring, 0, hostAt(highest - 64n, 0n))
    channel.start(descriptorAddress(board.ring))
    await channel.untilIdle()
    await until(() => faults.length > 0)
    expect(faults).toMatchObject([{ address: highest - 64n, count: 1 }])
    expect(lock.userBytes.every((byte) => byte === 7)).toBe(true)
  },
)

test('a block across 4 KiB ends where the memory ends', async () => {
  const board = await openBoard()
  const ring = await board.contiguous(4096)
  for (let i = 126; i < 128; i++) {
    writeDescriptor(ring, i, { length: 64, source: 0n, destination: deviceAddress(board.ring) })
  }
  board.c2h(0).start(descriptorAddress(ring, 126), 3)
  await board.c2h(0).untilIdle()
  // The block is one fetch: without its end there is none of it.
  expect([board.c2h(0).read(0x44), board.c2h(0).completedCount]).toEqual([
    status.descriptorError,
    0,
  ])
  expect(board.card.complaints()).toEqual([expect.stringContaining('4 KiB')])
})

test('a ring whose descriptors are unlocked under it stops, and is complained of', async () => {
  const board = await openBoard()
  const data = await board.contiguous(4096)
  const ring = await board.contiguous(4096)
  const next = descriptorAddress(ring)
  writeDescriptor(ring, 0, { length: 4096, source: 0n, destination: deviceAddress(data), next })
  board.c2h(0).start(next)
  await until(() => board.c2h(0).completedCount > 10)
  await ring.unlock()
  await board.c2h(0).untilIdle()
  expect(board.c2h(0).read(0x44)).toBe(status.descriptorError)
  expect(board.card.complaints()).toEqual(['c2h0 has descriptors in memory that has been unlocked'])
})

test.each(['c2h', 'h2c'] as const)(
  'data that is unlocked under a ring of %s is not touched any more',
  async (way) => {
    const board = await openBoard()
    const faults: IommuFault[] = []
    board.card.onFault((fault) => faults.push(fault))
    const data = await board.contiguous(4096)
    const bytes = data.userBytes
    const next = descriptorAddress(board.ring)
    const host = deviceAddress(data)
    const ends =
      way === 'c2h' ? { source: 0n, destination: host } : { source: host, destination: 0n }
    writeDescriptor(board.ring, 0, { length: 4096, ...ends, next })
    const channel = way === 'c2h' ? board.c2h(0) : board.h2c(0)
    channel.start(next)
    await until(() => channel.completedCount > 10)
    await data.unlock()
    expect(bytes.byteLength).toBe(0)
    await until(() => faults.length > 0)
    expect(faults[0]).toMatchObject({ address: host, nearestHandle: data.handle })
    channel.write(0x0c, 1)
    await channel.untilIdle()
    expect(board.card.complaints()).toEqual([
      `${way}0 was at work on memory that has been unlocked`,
    ])
  },
)

test('a start while the engine is busy begins after its descriptor, with a count of its own', async () => {
  const board = await openBoard()
  arm(board, 'lateCompletion', { direction: 'h2c', number: 0, delayMs: 50 })
  const { channel, start } = await twoDescriptors(board, 'h2c', 0)
  start()
  await until(() => board.readUser(0x98) === 1)
  start()
  expect([channel.busy, channel.completedCount, channel.read(0x40)]).toEqual([true, 0, status.busy])
  await channel.untilIdle()
  expect([channel.completedCount, channel.read(0x44)]).toEqual([
    2,
    status.stopped | status.completed,
  ])
  expect(board.card.complaints()).toEqual(['h2c0 was started while it was still busy'])
})

test('resets and a close that come together end a stalled engine', async () => {
  for (let round = 0; round < 100; round++) {
    const board = await openBoard({ memoryByteLength: 4096 })
    arm(board, 'stall', { direction: 'h2c', number: 0 })
    const { start } = await twoDescriptors(board, 'h2c', 0)
    start()
    await until(() => board.readUser(0x98) === 1)
    const resets = [board.card.reset(), board.card.reset()]
    await Promise.allSettled([...resets, board.card.close()])
    expect(board.card.isOpen).toBe(false)
  }
})

test('vector numbers are five bits, and each of them can be sent', async () => {
  const board = await openBoard()
  const heard = new Set<number>()
  for (let vector = 0; vector < 32; vector++) {
    board.card.onInterrupt(vector, () => heard.add(vector))
  }
  for (const vector of [32, -1, 1.5, Number.NaN]) {
    expect(() => board.card.onInterrupt(vector, () => {})).toThrow(
      expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }),
    )
  }
  board.writeIrq(0x80, 0xffff_ffff)
  expect(board.readIrq(0x80)).toBe(0x1f1f_1f1f)
  board.writeIrq(0x04, 0xffff_ffff)
  expect(board.readIrq(0x04)).toBe(0xffff)
  board.writeUser(user.userInterrupt, 0xffff_ffff)
  await until(() => heard.size === 2)
  expect([...heard].sort((a, b) => a - b)).toEqual([0, 31])
})

test('credits beyond 1,023 are dropped', async () => {
  const board = await openBoard()
  board.h2c(0).write(0x408c, 1000)
  board.h2c(0).write(0x408c, 0xffff_ffff)
  expect(board.h2c(0).read(0x408c)).toBe(1023)
})
