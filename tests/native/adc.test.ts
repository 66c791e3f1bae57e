// The stream channels: the ADC's signals, packets and overruns, and the DAC.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { allocatePages, fillPattern } from '../../native/index.ts'
import { type Board, enable, gateClosed, openBoard, source, user } from './board-fixture.ts'
import { writeWave } from './wave-file.ts'
import {
  descriptorAddress,
  deviceAddress,
  type pieces,
  status,
  until,
  writeDescriptor,
} from './xdma-channel.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinlab-adc-'))
afterAll(() => rmSync(folder, { recursive: true }))

const asFastAsItGoes = 0
const resultsOffset = 32 * 1024

/** Starts c2h1 on a list of buffers of the lock; results lie in the ring's second half. */
function startBuffers(
  board: Board,
  lock: Parameters<typeof pieces>[0],
  count: number,
  byteLength: number,
  stop = true,
) {
  for (let i = 0; i < count; i++) {
    const last = i === count - 1
    writeDescriptor(board.ring, i, {
      length: byteLength,
      source: deviceAddress(board.ring, resultsOffset + 32 * i),
      destination: deviceAddress(lock, i * byteLength),
      stop: stop && last,
      completed: true,
      next: descriptorAddress(board.ring, last ? 0 : i + 1),
    })
  }
  board.c2h(1).start(descriptorAddress(board.ring))
}

function result(board: Board, index: number) {
  const { buffer } = board.ring.userBytes
  const view = new DataView(buffer, resultsOffset + 32 * index)
  const word = view.getUint32(0, true)
  return { magic: word >>> 16, endOfPacket: (word & 1) === 1, byteLength: view.getUint32(4, true) }
}

async function capture(board: Board, byteLength: number): Promise<Buffer> {
  const lock = await board.contiguous(byteLength)
  startBuffers(board, lock, 1, byteLength)
  await board.c2h(1).untilIdle()
  return Buffer.from(lock.userBytes.slice())
}

test('a recording is delivered unchanged, from its start, again and again', async () => {
  const data = new Uint8Array(3 * 2 * 1001)
  await fillPattern(data, 'random', 7)
  const recording = writeWave(join(folder, 'three.wav'), { channels: 3, data })
  const board = await openBoard({ recording })
  board.writeUser(user.adcRate, asFastAsItGoes)
  const expected = Buffer.concat(Array(12).fill(data)).subarray(0, 65536)
  for (let round = 0; round < 2; round++) {
    board.writeUser(user.adcControl, source.recording | enable)
    expect(Buffer.compare(await capture(board, 65536), expected)).toBe(0)
    board.writeUser(user.adcControl, source.recording)
  }
})

test('a paced recording is delivered without a gap', async () => {
  const data = new Uint8Array(1 << 20)
  await fillPattern(data, 'random', 3)
  const board = await openBoard({ recording: writeWave(join(folder, 'two.wav'), { data }) })
  board.writeUser(user.adcRate, 4_000_000)
  board.writeUser(user.adcControl, source.recording | enable)
  const lock = await board.contiguous(1 << 20)
  startBuffers(board, lock, 16, 65536)
  await board.c2h(1).untilIdle()
  expect(Buffer.compare(lock.userBytes, data)).toBe(0)
  expect(board.readUser(user.dropped)).toBe(0)
  for (let i = 0; i < 16; i++) {
    expect(result(board, i)).toEqual({ magic: 0x52b4, endOfPacket: false, byteLength: 65536 })
  }
})

test('the counter counts frames from 0', async () => {
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  board.writeUser(user.adcControl, source.counter | enable)
  const words = new Uint32Array(new Uint8Array(await capture(board, 1 << 20)).buffer)
  expect(words.every((word, i) => word === i)).toBe(true)
})

test('a sine has its amplitude and frequency, and a quarter of a period between channels', async () => {
  const board = await openBoard()
  board.writeUser(user.adcControl, enable)
  board.writeUser(user.amplitude, 10_000)
  board.writeUser(user.adcRate, asFastAsItGoes)
  const samples = new Int16Array(new Uint8Array(await capture(board, 8000 * 4 + 64 * 12)).buffer)
  const first = samples.filter((_, i) => i % 2 === 0)
  const second = samples.filter((_, i) => i % 2 === 1)
  // 1 kHz at the 1 MS/s that the shape of a signal counts on where the rate is unlimited.
  expect(Math.max(...first)).toBeGreaterThan(9_990)
  expect(Math.min(...first)).toBeLessThan(-9_990)
  expect([first[0], first[500]].every((sample) => Math.abs(sample ?? 99) < 10)).toBe(true)
  for (const i of [0, 100, 1234]) {
    expect(Math.abs((first[i + 250] ?? 0) - (second[i] ?? 0))).toBeLessThan(10)
  }
})

test.each([
  ['square', source.square, 2],
  ['noise', source.noise, 1000],
] as const)('%s is made of as many values as it should', async (_, signal, atLeast) => {
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  board.writeUser(user.adcControl, signal | enable)
  const samples = new Int16Array(new Uint8Array(await capture(board, 65536)).buffer)
  const values = new Set(samples)
  expect(values.size).toBeGreaterThanOrEqual(atLeast)
  if (atLeast === 2) expect([...values].sort((a, b) => a - b)).toEqual([-16384, 16384])
})

test('a source that is not there is silence', async () => {
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  for (const number of [1, 7, 15]) {
    board.writeUser(user.adcControl, (number << 8) | enable)
    expect(board.readUser(user.adcControl)).toBe((number << 8) | enable)
    expect((await capture(board, 4096)).every((byte) => byte === 0)).toBe(true)
  }
})

test('a chirp rises from nothing to its frequency, and begins again', async () => {
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  // 100 kHz at 1 MS/s: ten frames a period in the end.
  board.writeUser(user.frequency, 100_000_000)
  board.writeUser(user.adcControl, source.chirp | enable)
  const samples = new Int16Array(new Uint8Array(await capture(board, 2 * 65536 * 4)).buffer)
  const first = samples.filter((_, i) => i % 2 === 0)
  const risesIn = (from: number, to: number) => {
    let rises = 0
    for (let i = from + 1; i < to; i++) {
      if ((first[i - 1] ?? 0) < 0 && (first[i] ?? 0) >= 0) rises += 1
    }
    return rises
  }
  expect(risesIn(0, 1000)).toBeLessThan(5)
  expect(Math.abs(risesIn(64536, 65536) - 100)).toBeLessThan(5)
  expect(first.subarray(65536, 66536)).toEqual(first.subarray(0, 1000))
})

test('PRBS is the stream of the fill pattern, wherever it is cut', async () => {
  const expected = new Uint8Array(1 << 20)
  await fillPattern(expected, 'prbs31', 0)
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  board.writeUser(user.adcControl, source.prbs | enable)
  const lock = await board.contiguous(1 << 20)
  startBuffers(board, lock, 64, 64 * 255)
  await board.c2h(1).untilIdle()
  const got = lock.userBytes.subarray(0, 64 * 64 * 255)
  expect(Buffer.compare(got, expected.subarray(0, got.length))).toBe(0)
})

test('disabling the ADC closes the descriptor short', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(1 << 20)
  board.writeUser(user.adcControl, source.counter | enable)
  startBuffers(board, lock, 1, 1 << 20)
  await until(() => new Uint32Array(lock.userBytes.buffer)[1000] === 1000)
  board.writeUser(user.adcControl, source.counter)
  await board.c2h(1).untilIdle()
  const { magic, endOfPacket, byteLength } = result(board, 0)
  expect([magic, endOfPacket]).toEqual([0x52b4, true])
  expect(byteLength).toBeGreaterThan(4000)
  expect(byteLength).toBeLessThan(1 << 20)
  expect(board.c2h(1).read(0x44)).toBe(status.stopped | status.completed)
})

test.each([
  ['run, then enable', [0, 1]],
  ['enable, then run', [1, 0]],
])('a ring ends when %s is cleared', async (_, order) => {
  const board = await openBoard()
  const lock = await board.contiguous(16 * 65536)
  board.writeUser(user.adcControl, source.counter | enable)
  startBuffers(board, lock, 16, 65536, false)
  await until(() => board.c2h(1).completedCount > 1)
  for (const step of order) {
    if (step === 0) board.c2h(1).write(0x0c, 1)
    else board.writeUser(user.adcControl, source.counter)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await board.c2h(1).untilIdle()
  expect(board.c2h(1).read(0x44) & status.idleStopped).toBe(status.idleStopped)
})

test('a closed gate stalls the stream and does not end the packet', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(65536)
  board.writeUser(user.adcControl, source.counter | enable | gateClosed)
  startBuffers(board, lock, 1, 65536)
  await new Promise((resolve) => setTimeout(resolve, 20))
  board.c2h(1).write(0x0c, 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(board.c2h(1).busy).toBe(true)
  board.writeUser(user.adcControl, source.counter | enable)
  await board.c2h(1).untilIdle()
  const words = new Uint32Array(lock.userBytes.buffer)
  expect(words.every((word, i) => word === i)).toBe(true)
  expect(result(board, 0).endOfPacket).toBe(false)
})

test('frames that find the FIFO full are dropped, counted and announced', async () => {
  const board = await openBoard()
  const messages: number[] = []
  board.card.onInterrupt(9, ({ count }) => messages.push(count))
  board.writeIrq(0x80, 9)
  board.writeIrq(0x04, 1)
  // 4 GB/s fill 16 MiB in 4 ms.
  board.writeUser(user.adcRate, 1_000_000_000)
  board.writeUser(user.adcControl, source.counter | enable)
  await until(() => board.readUser(user.dropped) > 0)
  await until(() => messages.length > 0)
  expect(board.readIrq(0x48)).toBe(1)
  expect(board.readUser(user.irqStatus) & 1).toBe(1)
  const lock = await board.contiguous(1 << 20)
  startBuffers(board, lock, 1, 1 << 20)
  await board.c2h(1).untilIdle()
  // What was in the FIFO first comes first.
  expect(new Uint32Array(lock.userBytes.buffer).every((word, i) => word === i)).toBe(true)
})

test('a buffer that is no multiple of 64 bytes is an invalid length', async () => {
  const board = await openBoard()
  const lock = await board.contiguous(4096)
  startBuffers(board, lock, 1, 100)
  await board.c2h(1).untilIdle()
  expect(board.c2h(1).read(0x44)).toBe(status.invalidLength)
})

test('results can be switched off', async () => {
  const board = await openBoard()
  board.writeUser(user.adcRate, asFastAsItGoes)
  board.writeUser(user.adcControl, enable)
  const lock = await board.contiguous(4096)
  board.c2h(1).write(0x08, 1 << 27)
  writeDescriptor(board.ring, 0, {
    length: 4096,
    source: deviceAddress(board.ring, resultsOffset),
    destination: deviceAddress(lock),
    stop: true,
  })
  board.c2h(1).start(descriptorAddress(board.ring), 0, (1 << 27) | 0xfffe1f)
  await board.c2h(1).untilIdle()
  expect(result(board, 0).magic).toBe(0)
})

test('the DAC takes everything and adds it up', async () => {
  const board = await openBoard()
  const bytes = allocatePages(1 << 20)
  await fillPattern(bytes, 'random', 5)
  const lock = await board.card.lockScatterGather(bytes, { direction: 'toDevice' })
  const { address = 0n } = lock.pages[0] ?? {}
  writeDescriptor(board.ring, 0, { length: 1 << 20, source: address, destination: 0n, stop: true })
  board.h2c(1).start(descriptorAddress(board.ring))
  await board.h2c(1).untilIdle()
  expect(board.readUser(user.dacBytesLow)).toBe(1 << 20)
  expect(board.readUser(user.dacSum)).toBe(bytes.reduce((sum, byte) => (sum + byte) >>> 0, 0))
})
