// Pages, patterns, statuses and limits.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import {
  allocatePages,
  DmaError,
  fillPattern,
  freePages,
  hostLimits,
  wdStatusText,
} from '../../native/index.ts'
import { compiledNative } from './compiled-native.ts'

test('pages are zeroed, of their own, and gone when freed', () => {
  const pages = allocatePages(10_000)
  expect(pages.byteLength).toBe(10_000)
  expect(pages.every((byte) => byte === 0)).toBe(true)
  freePages(pages)
  expect(pages.byteLength).toBe(0)
  expect(() => freePages(pages)).toThrow(DmaError)
})

test.each([0, -4096, 1.5, Number.NaN, 2 ** 60])('%d bytes of pages are refused', (byteLength) => {
  expect(() => allocatePages(byteLength)).toThrow(DmaError)
})

test('only whole allocations are freed', () => {
  const pages = allocatePages(8192)
  const invalid = expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' })
  expect(() => freePages(pages.subarray(4096))).toThrow(invalid)
  expect(() => freePages(pages.subarray(0, 4096))).toThrow(invalid)
  expect(() => freePages(new Uint8Array(8192))).toThrow(invalid)
  freePages(pages)
})

test('the counter pattern counts in 32 bits, little-endian', async () => {
  const bytes = new Uint8Array(4099)
  await fillPattern(bytes, 'counter', 0)
  const view = new DataView(bytes.buffer)
  for (const i of [0, 1, 2, 1023]) expect(view.getUint32(4 * i, true)).toBe(i)
  expect([...bytes.subarray(4096)]).toEqual([0, 4, 0])
})

test('prbs31 obeys its recurrence from the seed on', async () => {
  const seed = 0x2345_6789
  const bytes = new Uint8Array(4001)
  await fillPattern(bytes, 'prbs31', seed)
  const before = Array.from({ length: 31 }, (_, i) => (seed >> (30 - i)) & 1)
  const bits = [
    ...before,
    ...[...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1)),
  ]
  for (let n = 31; n < bits.length; n++) {
    if (bits[n] !== ((bits[n - 31] ?? 0) ^ (bits[n - 28] ?? 0))) expect.fail(`bit ${n - 31}`)
  }
})

test('prbs31 of seed 0 is not stuck at 0', async () => {
  const bytes = new Uint8Array(64)
  await fillPattern(bytes, 'prbs31', 0)
  expect(new Set(bytes).size).toBeGreaterThan(16)
})

test('random is splitmix64, and the seed decides it', async () => {
  const [first, again, other] = [new Uint8Array(20), new Uint8Array(20), new Uint8Array(20)]
  await fillPattern(first, 'random', 1234567)
  await fillPattern(again, 'random', 1234567)
  await fillPattern(other, 'random', 1234568)
  // The generator's published first two outputs for this seed.
  const view = new DataView(first.buffer)
  expect(view.getBigUint64(0, true)).toBe(6457827717110365317n)
  expect(view.getBigUint64(8, true)).toBe(3203168211198807973n)
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

test('zero clears what was there', async () => {
  const bytes = new Uint8Array(5000).fill(1)
  await fillPattern(bytes.subarray(1, 4999), 'zero', 0)
  expect([bytes[0], bytes[1], bytes[4998], bytes[4999]]).toEqual([1, 0, 0, 1])
})

test.each([
  ['an unknown pattern', 'stripes', 0],
  ['half a seed', 'random', 0.5],
  ['a negative seed', 'random', -1],
])('%s is refused', async (_, pattern, seed) => {
  await expect(fillPattern(new Uint8Array(4), pattern as never, seed)).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
  })
})

test('statuses have texts', () => {
  expect(wdStatusText(0)).toBe('Success')
  expect(wdStatusText(0x2000001d)).toBe('Try again')
  expect(wdStatusText(0x12345678)).toBe('Unrecognized error code')
})

test('limits are those of the process', () => {
  const limits = hostLimits()
  const soft = execFileSync('sh', ['-c', 'ulimit -l'], { encoding: 'utf8' }).trim()
  expect(limits.memlockSoftByteLength).toBe(soft === 'unlimited' ? Infinity : Number(soft) * 1024)
  expect(limits.memlockHardByteLength).toBeGreaterThanOrEqual(limits.memlockSoftByteLength)
})

test('a lock above RLIMIT_MEMLOCK is refused with the limit, and undone', () => {
  // As nobody, because root is not limited.
  const script = `
    const { openCard, hostLimits } = await import(${JSON.stringify(compiledNative())})
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534) }
    const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] })
    const bytes = new Uint8Array(6 << 20)
    const error = await card.lockScatterGather(bytes).catch((thrown) => thrown)
    const after = hostLimits().lockedByteLength
    const fits = await card.lockContiguous(64 << 10)
    console.log(JSON.stringify({ ...error, after, fits: fits.isLocked }))`
  const out = execFileSync(
    'sh',
    ['-c', 'ulimit -l 5120 && exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(out)).toMatchObject({
    statusName: 'WD_INSUFFICIENT_RESOURCES',
    operation: 'lockScatterGather',
    errno: 'ENOMEM',
    limit: { name: 'RLIMIT_MEMLOCK', byteLength: 5 << 20 },
    help: expect.any(String),
    after: 0,
    fits: true,
  })
})
