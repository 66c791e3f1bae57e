// Which pages of a window have changed since the last look.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { fillPattern, trackPages } from '../../native/index.ts'
import { compiledNative } from './compiled-native.ts'

const page = 4096
const whole = (buffer: Uint8Array) => ({ offset: 0, byteLength: buffer.byteLength })
const invalid = (operation: string) =>
  expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation })

test('the first look has seen nothing change, the next ones count since when', () => {
  const buffer = new Uint8Array(3 * page)
  const tracker = trackPages(whole(buffer))
  expect([...tracker.look(buffer)]).toEqual([255, 255, 255])
  buffer[page] = 1
  expect([...tracker.look(buffer)]).toEqual([255, 0, 255])
  expect([...tracker.look(buffer)]).toEqual([255, 1, 255])
  buffer[3 * page - 1] = 1
  expect([...tracker.look(buffer)]).toEqual([255, 2, 0])
})

test('an age ends at 255', () => {
  const buffer = new Uint8Array(2 * page)
  const tracker = trackPages(whole(buffer))
  tracker.look(buffer)
  buffer[0] = 1
  const ages = Array.from({ length: 300 }, () => tracker.look(buffer)[0])
  expect(ages).toEqual(Array.from({ length: 300 }, (_, age) => Math.min(age, 255)))
})

test('a changed bit is seen wherever in a page it is', async () => {
  const buffer = new Uint8Array(page)
  await fillPattern(buffer, 'random', 5)
  const tracker = trackPages(whole(buffer))
  tracker.look(buffer)
  for (let at = 0; at < page; at++) {
    buffer[at] = (buffer[at] ?? 0) ^ (1 << (at % 8))
    if (tracker.look(buffer)[0] !== 0) expect.fail(`byte ${at}`)
  }
})

test('words that change places, and sums that stay the same, are changes', () => {
  const buffer = new Uint8Array(page)
  const words = new Uint32Array(buffer.buffer)
  words.set([1, 2, 3, 4, 5, 6, 7, 8, 9])
  const tracker = trackPages(whole(buffer))
  tracker.look(buffer)
  for (const changed of [
    [2, 1, 3, 4, 5, 6, 7, 8, 9],
    [2, 1, 4, 3, 5, 6, 7, 8, 9],
    [9, 1, 4, 3, 5, 6, 7, 8, 2],
    [8, 2, 4, 3, 5, 6, 7, 8, 2],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]) {
    words.set(changed)
    expect([...tracker.look(buffer)]).toEqual([0])
  }
})

test('what comes back to what it was between two looks has not changed', () => {
  const buffer = new Uint8Array(page)
  const tracker = trackPages(whole(buffer))
  tracker.look(buffer)
  buffer[7] = 1
  buffer[7] = 0
  expect([...tracker.look(buffer)]).toEqual([255])
})

test('pages are those of the buffer, and only bytes in the window count', () => {
  const buffer = new Uint8Array(4 * page)
  const window = { offset: page - 5, byteLength: page + 5 + 3 }
  const tracker = trackPages(window)
  expect([...tracker.look(buffer)]).toEqual([255, 255, 255])
  for (const [at, ages] of [
    [page - 6, [255, 255, 255]],
    [page - 5, [0, 255, 255]],
    [page - 1, [0, 255, 255]],
    [page, [1, 0, 255]],
    [2 * page - 1, [2, 0, 255]],
    [2 * page + 2, [3, 1, 0]],
    [2 * page + 3, [4, 2, 1]],
  ] as const) {
    buffer[at] = (buffer[at] ?? 0) + 1
    expect([...tracker.look(buffer)]).toEqual(ages)
  }
})

test.each([
  [0, 1, 1],
  [0, page, 1],
  [0, page + 1, 2],
  [page - 1, 2, 2],
  [page, page, 1],
  [3 * page + 1, 2 * page - 1, 2],
])('a window at %d of %d bytes touches %d pages', (offset, byteLength, pages) => {
  const tracker = trackPages({ offset, byteLength })
  expect(tracker.look(new Uint8Array(offset + byteLength))).toHaveLength(pages)
})

test('trackers of one buffer know nothing of each other', () => {
  const buffer = new Uint8Array(page)
  const [first, second] = [trackPages(whole(buffer)), trackPages(whole(buffer))]
  first.look(buffer)
  buffer[0] = 1
  expect([...second.look(buffer)]).toEqual([255])
  expect([...first.look(buffer)]).toEqual([0])
  expect([...second.look(buffer)]).toEqual([255])
})

test('an answer stays what it was', () => {
  const buffer = new Uint8Array(page)
  const tracker = trackPages(whole(buffer))
  const first = tracker.look(buffer)
  buffer[0] = 1
  tracker.look(buffer)
  expect([...first]).toEqual([255])
})

test.each([
  ['no byte', { offset: 0, byteLength: 0 }],
  ['more than 64 MiB', { offset: 0, byteLength: 64 * 1024 * 1024 + 1 }],
  ['a part of a byte', { offset: 0, byteLength: 1.5 }],
  ['an offset before the buffer', { offset: -1, byteLength: 1 }],
  ['an offset that is no number', { offset: NaN, byteLength: 1 }],
])('a window of %s is refused', (_, window) => {
  expect(() => trackPages(window)).toThrow(invalid('trackPages'))
})

test('a buffer that ends before the window, or is detached, is refused and changes nothing', () => {
  const buffer = new Uint8Array(3 * page)
  const tracker = trackPages({ offset: page, byteLength: 2 * page })
  tracker.look(buffer)
  expect(() => tracker.look(buffer.subarray(1))).toThrow(invalid('look'))
  const detached = new Uint8Array(3 * page)
  structuredClone(detached, { transfer: [detached.buffer] })
  expect(() => tracker.look(detached)).toThrow(invalid('look'))
  expect([...tracker.look(buffer)]).toEqual([255, 255])
})

test('other objects are no trackers, and other values no memory', () => {
  const tracker = trackPages({ offset: 0, byteLength: 1 })
  const look = tracker.look as (this: unknown, buffer: unknown) => Uint8Array
  expect(() => look.call({}, new Uint8Array(1))).toThrow(TypeError)
  for (const buffer of [undefined, 'x', [1], new ArrayBuffer(1)]) {
    expect(() => look.call(tracker, buffer)).toThrow(TypeError)
  }
})

test('a tracker outlives others that end with their worker or are collected', () => {
  const script = `
    import { Worker, isMainThread } from 'node:worker_threads'
    const { trackPages } = await import(${JSON.stringify(compiledNative())})
    const buffer = new Uint8Array(8 << 20)
    const kept = trackPages({ offset: 0, byteLength: buffer.byteLength })
    kept.look(buffer)
    if (isMainThread) {
      for (let i = 0; i < 2000; i++) trackPages({ offset: 0, byteLength: 8 << 20 })
      globalThis.gc()
      for (let i = 0; i < 3; i++) {
        const worker = new Worker(new URL(import.meta.url))
        const code = await new Promise((resolve) => worker.on('exit', resolve))
        if (code !== 0) throw new Error('the worker ended with ' + code)
      }
      console.log(JSON.stringify([...new Set(kept.look(buffer))]))
    }`
  const url = `data:text/javascript,${encodeURIComponent(script)}`
  const out = execFileSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', `await import(${JSON.stringify(url)})`],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(out)).toEqual([255])
})
