// From a status bit to a handler: levels, edges, masks, vectors.

import { expect, test } from 'vitest'
import { type Board, openBoard, user } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, status, until, writeDescriptor } from './xdma-channel.ts'

const turns = () => new Promise((resolve) => setTimeout(resolve, 10))

/** h2c0 raises channel bit 0 on vector 5; each run of `go` completes one descriptor. */
async function armedBoard() {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  writeDescriptor(board.ring, 0, {
    length: 64,
    source: deviceAddress(lock),
    destination: 0n,
    stop: true,
    completed: true,
  })
  const messages: number[] = []
  board.card.onInterrupt(5, ({ count, lost }) => {
    expect(lost).toBe(0)
    messages.push(count)
  })
  board.writeIrq(0xa0, 5)
  board.writeIrq(0x14, 1)
  board.h2c(0).write(0x90, status.stopped | status.completed)
  const total = () => messages.reduce((sum, count) => sum + count, 0)
  return { board, total, go: () => go(board) }
}

async function go(board: Board) {
  board.h2c(0).start(descriptorAddress(board.ring))
  await board.h2c(0).untilIdle()
  await turns()
}

test('one message for each rising edge of the request', async () => {
  const { board, total, go } = await armedBoard()
  await go()
  expect(total()).toBe(1)
  expect(board.readIrq(0x4c)).toBe(1)
  expect(board.readIrq(0x44)).toBe(1)
  board.h2c(0).read(0x44)
  expect(board.readIrq(0x4c)).toBe(0)
  await go()
  expect(total()).toBe(2)
})

test('completions that come while the level is high make no second message', async () => {
  const { board, total } = await armedBoard()
  const lock = await board.contiguous(4096)
  for (let i = 0; i < 10; i++) {
    writeDescriptor(board.ring, i, {
      length: 64,
      source: deviceAddress(lock),
      destination: 0n,
      stop: i === 9,
      completed: true,
    })
  }
  board.h2c(0).start(descriptorAddress(board.ring), 9)
  await board.h2c(0).untilIdle()
  await turns()
  expect(board.h2c(0).completedCount).toBe(10)
  expect(total()).toBe(1)
})

test.each([['the channel', 0x2010 - 0x2000, 0x2014 - 0x2000]])(
  'unmasking %s while the level is high sends a message',
  async (_, mask, set) => {
    const { board, total, go } = await armedBoard()
    board.writeIrq(mask, 0)
    await go()
    expect(total()).toBe(0)
    board.writeIrq(set, 1)
    await until(() => total() === 1)
    board.h2c(0).write(0x98, status.stopped | status.completed)
    board.h2c(0).write(0x94, status.stopped)
    await until(() => total() === 2)
  },
)

test('a message that bus mastering held back follows when it is on again', async () => {
  const { board, total, go } = await armedBoard()
  board.writeIrq(0x10, 0)
  await go()
  board.card.setBusMaster(false)
  board.writeIrq(0x10, 1)
  await turns()
  expect(total()).toBe(0)
  board.card.setBusMaster(true)
  await until(() => total() === 1)
})

test('each user line has its vector, and is held until it is lowered', async () => {
  const board = await openBoard()
  const messages: number[] = []
  for (const vector of [3, 17, 31]) {
    board.card.onInterrupt(vector, ({ count }) => messages.push(...Array(count).fill(vector)))
  }
  board.writeIrq(0x80, 3 << 8)
  board.writeIrq(0x84, 17 << 24)
  board.writeIrq(0x8c, 31 << 24)
  board.writeIrq(0x04, 0xffff)
  const lines = (1 << 1) | (1 << 7) | (1 << 15)
  board.writeUser(user.userInterrupt, lines)
  await until(() => messages.length === 3)
  expect([...messages].sort()).toEqual([17, 3, 31])
  expect([board.readIrq(0x40), board.readIrq(0x48)]).toEqual([lines, lines])
  board.writeIrq(0x0c, lines)
  expect([board.readIrq(0x40), board.readIrq(0x48)]).toEqual([0, lines])
  board.writeIrq(0x08, 1 << 7)
  await until(() => messages.length === 4)
  expect(messages.at(-1)).toBe(17)
  board.writeUser(user.userInterrupt, 0)
  expect(board.readIrq(0x48)).toBe(0)
  board.writeUser(user.userInterrupt, lines)
  await board.card.reset()
  expect([board.readIrq(0x48), board.readUser(user.userInterrupt)]).toEqual([0, 0])
})

test('a vector has one handler, and none after it is disarmed', async () => {
  const { board, total, go } = await armedBoard()
  const arm = () => board.card.onInterrupt(5, () => {})
  expect(arm).toThrow(expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }))
  expect(() => board.card.onInterrupt(32, () => {})).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }),
  )
  const disarm = board.card.onInterrupt(6, () => {
    throw new Error('disarmed')
  })
  disarm()
  board.writeIrq(0xa0, 6)
  await go()
  expect(total()).toBe(0)
})

test('a handler that throws is an uncaught exception, and others still run', async () => {
  const { board, total, go } = await armedBoard()
  const thrown: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', (error) => thrown.push(error))
  board.card.onInterrupt(4, () => {
    throw new RangeError('mine')
  })
  const lock = await board.contiguous(4096)
  const done = { source: 0n, destination: deviceAddress(lock), stop: true, completed: true }
  writeDescriptor(board.ring, 1, { length: 64, ...done })
  board.writeIrq(0xa0, 5 | (4 << 16))
  board.writeIrq(0x14, 0b101)
  board.c2h(0).write(0x90, status.completed)
  board.c2h(0).start(descriptorAddress(board.ring, 1))
  await go()
  for (const listener of before) process.on('uncaughtException', listener)
  expect(thrown).toEqual([new RangeError('mine')])
  expect(total()).toBe(1)
})

test('clean-up writes run before the card is closed', async () => {
  const { board, total, go } = await armedBoard()
  board.writeIrq(0x10, 0)
  await go()
  const register = { barIndex: 1, offset: 0x2014, width: 32 } as const
  board.card.setCleanup([{ register, value: 1 }])
  expect(() =>
    board.card.setCleanup([{ register: { ...register, offset: 0x1_0000 }, value: 1 }]),
  ).toThrow(expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }))
  expect(total()).toBe(0)
  // Unmasking lets the level through: the last message comes before close resolves.
  await board.card.close()
  expect(total()).toBe(1)
})

test('a card that is being closed says so to the handlers of what still comes', async () => {
  const { board } = await armedBoard()
  const seen: boolean[] = []
  board.card.onInterrupt(4, () => seen.push(board.card.isOpen))
  board.writeIrq(0xa0, 4)
  board.writeIrq(0x10, 0)
  await go(board)
  const register = { barIndex: 1, offset: 0x2014, width: 32 } as const
  // Unmasked by the close itself, so that the message comes while it is under way.
  board.card.setCleanup([{ register, value: 1 }])
  const closed = board.card.close()
  expect(board.card.isOpen).toBe(false)
  await closed
  expect(seen).toEqual([false])
})
