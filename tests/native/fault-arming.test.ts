// Faults on purpose: how they are armed, and when they strike.

import { expect, test } from 'vitest'
import { openBoard } from './board-fixture.ts'
import { arm, block, byteLength, twoDescriptors } from './faulty-board.ts'

test('the injection block keeps what is written, and reset clears it', async () => {
  const board = await openBoard()
  arm(board, 'lateCompletion', { direction: 'c2h', number: 1, count: 3, skip: 2, delayMs: 9 })
  const read = () =>
    [block.select, block.channel, block.count, block.arm, block.skip, block.delay, block.bits].map(
      (offset) => board.readUser(offset),
    )
  expect(read()).toEqual([7, 0x11, 3, 1, 2, 9, 0x400])
  board.writeUser(block.bits, 0x200)
  expect(board.readUser(block.bits)).toBe(0x200)
  board.writeUser(block.arm, 0)
  expect(board.readUser(block.arm)).toBe(0)
  board.writeUser(block.select, 99)
  expect(board.readUser(block.select)).toBe(0)
  await board.card.reset()
  expect(read()).toEqual([0, 0x10, 1, 0, 0, 100, 0x400])
})

test('a fault strikes as often as it says, after what it lets pass', async () => {
  const board = await openBoard()
  arm(board, 'dataFlip', { direction: 'c2h', number: 0, skip: 1, count: 2 })
  const { lock, channel, start } = await twoDescriptors(board, 'c2h', 0)
  const flipped = [] as unknown[]
  for (let round = 0; round < 2; round++) {
    start()
    await channel.untilIdle()
    flipped.push([lock.userBytes[0], lock.userBytes[byteLength]])
  }
  expect(flipped).toEqual([
    [0, 0x80],
    [0x80, 0],
  ])
  expect([board.readUser(block.arm), board.readUser(block.struck)]).toEqual([0, 2])
})

test('faults of the configuration are armed at power-up and by each reset', async () => {
  const board = await openBoard({
    faults: [
      { kind: 'dataFlip', channel: 'c2h0' },
      { kind: 'stall', channel: 'h2c1', skip: 5 },
    ],
  })
  for (let round = 0; round < 2; round++) {
    expect(board.readUser(block.arm)).toBe(2)
    const { lock, channel, start } = await twoDescriptors(board, 'c2h', 0)
    start()
    await channel.untilIdle()
    expect(lock.userBytes[0]).toBe(0x80)
    expect(board.readUser(block.arm)).toBe(1)
    await board.card.reset()
  }
})

test.each([
  ['of an unknown kind', { kind: 'smoke', channel: 'c2h0' }],
  ['of no channel', { kind: 'stall', channel: 'c2h' }],
  ['of a channel that is not there', { kind: 'stall', channel: 'c2h3' }],
  ['of a negative count', { kind: 'stall', channel: 'c2h0', count: -1 }],
  ['of no error bits', { kind: 'errorBits', channel: 'c2h0', bits: 0 }],
  ['of the magic among the error bits', { kind: 'errorBits', channel: 'h2c0', bits: 0x10 }],
  ["of the other direction's error bits", { kind: 'errorBits', channel: 'c2h0', bits: 0x4000 }],
  ['of bits that are no number', { kind: 'errorBits', channel: 'c2h0', bits: '0x400' }],
  ['of half a millisecond', { kind: 'lateCompletion', channel: 'c2h0', delayMs: 0.5 }],
])('a fault %s is refused', async (_, fault) => {
  await expect(openBoard({ faults: [fault] } as never)).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
    operation: 'openCard',
  })
})
