// Copies of a ring that the board goes on filling. The counter makes every frame of samples one more than the frame before, so a copy
// shows by itself whether it is of one piece.

import { expect, test } from 'vitest'
import type { CheckedCopy } from '../../native/index.ts'
import { type Board, enable, openBoard, source, user } from './board-fixture.ts'
import { arm } from './faulty-board.ts'
import { descriptorAddress, deviceAddress, until, writeDescriptor } from './xdma-channel.ts'

const stepByteLength = 64 * 1024
const stepsPerLap = 4
const completedCount = { barIndex: 1, offset: 0x1148, width: 32 } as const

/** A ring of the ADC's counter, filled as fast as can be. */
async function fillRing(board: Board) {
  const lock = await board.contiguous(stepsPerLap * stepByteLength)
  for (let index = 0; index < stepsPerLap; index++) {
    writeDescriptor(board.ring, index, {
      length: stepByteLength,
      source: deviceAddress(board.ring, 4096 + 8 * index),
      destination: deviceAddress(lock, index * stepByteLength),
      next: descriptorAddress(board.ring, (index + 1) % stepsPerLap),
    })
  }
  board.writeUser(user.adcRate, 0)
  board.writeUser(user.adcControl, source.counter | enable)
  board.c2h(1).start(descriptorAddress(board.ring))
  await until(() => board.c2h(1).completedCount > stepsPerLap)
  return lock
}

/** Five descriptors of the ADC's, all completed, and nothing runs. */
async function fiveSteps(board: Board) {
  const lock = await board.contiguous(5 * 64)
  for (let index = 0; index < 5; index++) {
    writeDescriptor(board.ring, index, {
      length: 64,
      source: deviceAddress(board.ring, 4096),
      destination: deviceAddress(lock, index * 64),
      stop: index === 4,
      next: descriptorAddress(board.ring, index + 1),
    })
  }
  board.writeUser(user.adcRate, 0)
  board.writeUser(user.adcControl, source.counter | enable)
  const channel = board.c2h(1)
  channel.start(descriptorAddress(board.ring))
  await channel.untilIdle()
}

const small = (part: Partial<CheckedCopy>): CheckedCopy => ({
  from: new Uint8Array(64),
  to: new Uint8Array(64),
  counter: completedCount,
  stepsPerLap,
  first: 4,
  end: 5,
  ...part,
})

test('what is said to be whole is the very step that was asked for, and what the board came round to is not', async () => {
  const board = await openBoard()
  const lock = await fillRing(board)
  const to = new Uint8Array(stepByteLength)
  const words = new Uint32Array(to.buffer)
  const copy = (first: number) => {
    const at = (first % stepsPerLap) * stepByteLength
    const from = lock.userBytes.subarray(at, at + stepByteLength)
    const part = { from, to, counter: completedCount, first, end: first + 1 }
    const isWhole = board.card.copyChecked({ ...part, stepsPerLap })
    const start = first * words.length
    return { isWhole, isRight: words.every((word, index) => word === (start + index) >>> 0) }
  }
  const seen = { whole: 0, brokenAndTold: 0 }
  while (seen.whole < 200 || seen.brokenAndTold < 20) {
    const count = board.c2h(1).completedCount
    // The last one, and the one whose turn it is next.
    for (const first of [count - 1, count - stepsPerLap + 1]) {
      const { isWhole, isRight } = copy(first)
      if (isWhole && !isRight) expect.fail('a torn copy was said to be whole')
      if (isWhole) seen.whole += 1
      else if (!isRight) seen.brokenAndTold += 1
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
})

test.each([
  ['the last step', { first: 4, end: 5 }, true],
  ['all that the board is not filling', { first: 2, end: 5 }, true],
  ['a step with the one that is being filled', { first: 4, end: 6 }, false],
  ['a step whose place is being filled again', { first: 1, end: 2 }, false],
  ['a step that is still to come', { first: 7, end: 8 }, false],
  ['the last step, of a counter that has wrapped', { first: 260, end: 261 }, true],
  ['a step of the lap before the counter wrapped', { first: 254, end: 255 }, false],
])('%s after five', async (_, steps, isWhole) => {
  const board = await openBoard()
  await fiveSteps(board)
  const counter = { ...completedCount, width: 8 } as const
  expect(board.card.copyChecked(small({ ...steps, counter }))).toBe(isWhole)
})

test('nothing is whole on a board that does not answer', async () => {
  const board = await openBoard()
  await fiveSteps(board)
  expect(board.card.copyChecked(small({}))).toBe(true)
  arm(board, 'linkLost', { direction: 'c2h', number: 1 })
  board.c2h(1).start(descriptorAddress(board.ring))
  await until(() => board.c2h(1).completedCount === 0xffff_ffff)
  expect(board.card.copyChecked(small({}))).toBe(false)
})

test.each([
  ['no step', { first: 4, end: 4 }],
  ['more steps than a lap', { first: 0, end: 5 }],
  ['half a step', { first: 3.5, end: 5 }],
  ['arrays of two lengths', { to: new Uint8Array(63) }],
  ['a register that is not there', { counter: { ...completedCount, barIndex: 7 } }],
])('%s is refused', async (_, part) => {
  const board = await openBoard()
  expect(() => board.card.copyChecked(small(part))).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }),
  )
})

test('a closed card has no counter', async () => {
  const board = await openBoard()
  await board.card.close()
  expect(() => board.card.copyChecked(small({}))).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_HANDLE' }),
  )
})
