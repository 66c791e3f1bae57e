// Waiting for interrupts: counts are exact, however fast they come and whoever looks when.

import { expect, test } from 'vitest'
import type { RegisterCommand } from '../../native/index.ts'
import { openBoard } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, status, writeDescriptor } from './xdma-channel.ts'

const setMask = 0x2014
const clearMask = 0x2018

/** A board whose h2c0 has completed and stays so: unmasking it sends a message on vector 3. */
async function pendingBoard() {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  const source = deviceAddress(lock)
  writeDescriptor(board.ring, 0, { length: 64, source, destination: 0n, stop: true })
  board.writeIrq(0xa0, 3)
  board.h2c(0).write(0x90, status.stopped)
  board.h2c(0).start(descriptorAddress(board.ring))
  await board.h2c(0).untilIdle()
  const write = (offset: number): RegisterCommand => ({
    command: 'write',
    register: { barIndex: 1, offset, width: 32 },
    value: 1,
  })
  const messages = (count: number) =>
    board.card.transferRegisters(
      Array.from({ length: count }, () => [write(setMask), write(clearMask)]).flat(),
    )
  return { board, card: board.card, messages }
}

test('[WD_IntEnable] [WD_IntWait] [WD_IntCount] rapid messages from another thread are all counted', async () => {
  const { card, messages } = await pendingBoard()
  const interrupt = card.enableInterrupt(3)
  const lists = 10
  const each = 2000
  let sent = 0
  const sending = (async () => {
    for (let i = 0; i < lists; i++) {
      await messages(each)
      sent += each
    }
  })()
  let counted = 0
  let waits = 0
  while (counted < lists * each) {
    const { count, lost } = await interrupt.wait({ timeoutMs: 5000 })
    expect(count).toBeGreaterThan(0)
    expect(lost).toBe(0)
    counted += count
    waits++
  }
  await sending
  expect([counted, sent, interrupt.total]).toEqual([lists * each, sent, lists * each])
  expect(waits).toBeGreaterThan(1)
  const none = interrupt.wait({ timeoutMs: 20 })
  await expect(none).rejects.toMatchObject({ statusName: 'WD_TIME_OUT_EXPIRED', operation: 'wait' })
})

test('what came before a wait ends it at once', async () => {
  const { card, messages } = await pendingBoard()
  const interrupt = card.enableInterrupt(3)
  await messages(7)
  while (interrupt.total < 7) await new Promise((resolve) => setImmediate(resolve))
  expect(await interrupt.wait({ timeoutMs: 0 })).toEqual({ count: 7, lost: 0 })
  const waiting = interrupt.wait()
  await expect(interrupt.wait()).rejects.toMatchObject({ statusName: 'WD_TRY_AGAIN' })
  await messages(1)
  expect(await waiting).toEqual({ count: 1, lost: 0 })
})

test('[WD_IntDisable] ends a wait, and messages count no more', async () => {
  const { card, messages } = await pendingBoard()
  const interrupt = card.enableInterrupt(3)
  await messages(2)
  // Two messages may come as one event or as two.
  let seen = 0
  while (seen < 2) seen += (await interrupt.wait()).count
  const notEnabled = { statusName: 'WD_INTERRUPT_NOT_ENABLED' }
  const waiting = expect(interrupt.wait()).rejects.toMatchObject(notEnabled)
  interrupt.disable()
  await waiting
  await messages(3)
  expect(interrupt.total).toBe(2)
  await expect(interrupt.wait()).rejects.toMatchObject(notEnabled)
  expect(() => interrupt.disable()).toThrow(expect.objectContaining(notEnabled))
  // Enabled anew it counts from there on.
  const again = card.enableInterrupt(3)
  await messages(4)
  let counted = 0
  while (counted < 4) counted += (await again.wait({ timeoutMs: 5000 })).count
  expect(again.total).toBe(4)
})

test('a closed card ends a wait', async () => {
  const { card } = await pendingBoard()
  const interrupt = card.enableInterrupt(3)
  const waiting = expect(interrupt.wait()).rejects.toMatchObject({
    statusName: 'WD_INVALID_HANDLE',
  })
  await card.close()
  await waiting
})

test('a vector has one user', async () => {
  const { card } = await pendingBoard()
  const invalid = expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' })
  const interrupt = card.enableInterrupt(3)
  expect(() => card.enableInterrupt(3)).toThrow(invalid)
  expect(() => card.onInterrupt(3, () => {})).toThrow(invalid)
  expect(() => card.enableInterrupt(32)).toThrow(invalid)
  for (const timeoutMs of [-1, Number.NaN, 2 ** 31]) {
    await expect(interrupt.wait({ timeoutMs })).rejects.toMatchObject({
      statusName: 'WD_INVALID_PARAMETER',
    })
  }
})
