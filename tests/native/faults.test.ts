// What the IOMMU model refuses, and what it says about it.

import { expect, test } from 'vitest'
import type { IommuFault } from '../../native/index.ts'
import { openBoard } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, status, until, writeDescriptor } from './xdma-channel.ts'

test('a write outside of a lock vanishes, and is reported with the nearest lock', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  const faults: IommuFault[] = []
  board.card.onFault((fault) => faults.push(fault))
  const beyond = deviceAddress(lock) + 4096n
  writeDescriptor(board.ring, 0, { length: 64, source: 0n, destination: beyond, stop: true })
  board.c2h(0).start(descriptorAddress(board.ring))
  await until(() => faults.length > 0)
  await board.c2h(0).untilIdle()
  expect(board.c2h(0).read(0x44)).toBe(status.stopped)
  expect(faults).toEqual([
    {
      address: beyond,
      direction: 'fromDevice',
      channel: 'c2h0',
      at: expect.any(Number),
      reason: 'unmapped',
      nearestHandle: lock.handle,
      count: 1,
    },
  ])
})

test('refusals that are alike and come at once are one report that counts them', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  const faults: IommuFault[] = []
  board.card.onFault((fault) => faults.push(fault))
  const beyond = deviceAddress(lock) + 4096n
  const descriptors = 100
  for (let i = 0; i < descriptors; i++) {
    const destination = beyond + BigInt(64 * i)
    writeDescriptor(board.ring, i, {
      length: 64,
      source: 0n,
      destination,
      next: descriptorAddress(board.ring, i + 1),
      stop: i === descriptors - 1,
    })
  }
  board.c2h(0).start(descriptorAddress(board.ring))
  // The event loop is not given a chance to fetch them one by one.
  while (board.c2h(0).busy);
  await until(() => faults.length > 0)
  expect(faults).toMatchObject([{ address: beyond, count: descriptors }])
})

test('an access against the direction is told from one that is unmapped', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096, { direction: 'fromDevice' })
  const faults: IommuFault[] = []
  board.card.onFault((fault) => faults.push(fault))
  writeDescriptor(board.ring, 0, {
    length: 64,
    source: deviceAddress(lock),
    destination: 0n,
    stop: true,
  })
  board.h2c(0).start(descriptorAddress(board.ring))
  await until(() => faults.length > 0)
  await board.h2c(0).untilIdle()
  expect(board.h2c(0).read(0x44)).toBe(status.readError)
  expect(faults[0]).toMatchObject({ reason: 'direction', direction: 'toDevice', channel: 'h2c0' })
})

test('an access after unlock names the lock that was there', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  const address = deviceAddress(lock, 128)
  await lock.unlock()
  const faults: IommuFault[] = []
  const disarm = board.card.onFault((fault) => faults.push(fault))
  writeDescriptor(board.ring, 0, { length: 64, source: address, destination: 0n, stop: true })
  board.h2c(0).start(descriptorAddress(board.ring))
  await until(() => faults.length > 0)
  expect(faults[0]).toMatchObject({ reason: 'unmapped', nearestHandle: lock.handle })
  disarm()
})

test('bytes beside a lock in the same CPU page are not reached', async () => {
  const board = await openBoard()
  const whole = new Uint8Array(3 * 4096).fill(9)
  const lock = await board.card.lockScatterGather(whole.subarray(100, 200))
  const faults: IommuFault[] = []
  board.card.onFault((fault) => faults.push(fault))
  writeDescriptor(board.ring, 0, {
    length: 200,
    source: 0n,
    destination: lock.pages[0]?.address ?? 0n,
    stop: true,
  })
  board.c2h(0).start(descriptorAddress(board.ring))
  await until(() => faults.length > 0)
  await board.c2h(0).untilIdle()
  expect(whole.subarray(100, 200).every((byte) => byte === 0)).toBe(true)
  expect(whole[99]).toBe(9)
  expect(whole[200]).toBe(9)
})

test('a fragmented lock is runs of at most so many pages, never adjacent', async () => {
  const board = await openBoard({ fragmentation: 3 })
  const lock = await board.card.lockScatterGather(new Uint8Array(40 * 4096 + 100))
  expect(lock.pages.length).toBeGreaterThanOrEqual(14)
  lock.pages.forEach((page, i) => {
    expect(page.byteLength).toBeLessThanOrEqual(3 * 4096)
    const next = lock.pages[i + 1]
    if (next) expect(next.address).toBeGreaterThan(page.address + BigInt(page.byteLength))
  })
  const contiguous = await board.contiguous(40 * 4096)
  expect(contiguous.pages).toHaveLength(1)
})

test('when device addresses below 4 GiB are used up, the error says what helps', async () => {
  const board = await openBoard()
  const locks = [await board.contiguous(128 << 20), await board.contiguous(64 << 20)]
  const error = await board.contiguous(128 << 20).catch((thrown) => thrown)
  expect(error).toMatchObject({
    statusName: 'WD_INSUFFICIENT_RESOURCES',
    limit: { byteLength: 256 << 20 },
  })
  expect(error.help).toContain('ALLOW_64BIT_ADDRESS')
  await board.contiguous(128 << 20, { options: 0x80 })
  for (const lock of locks) await lock.unlock()
  await board.contiguous(128 << 20)
})
