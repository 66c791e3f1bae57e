// The search of memory, against the plainest search there is.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DmaError, type FindRange, findBytes, type Needle } from '../../native/index.ts'

function reference(memory: Uint8Array, { bytes, mask }: Needle, range: FindRange): number[] {
  const agrees = (at: number) =>
    bytes.every((byte, i) => (((memory[at + i] ?? 0) ^ byte) & (mask[i] ?? 0)) === 0)
  const starts = [...memory.keys()].filter(
    (at) =>
      at >= range.from &&
      at < range.end &&
      at % range.alignment === 0 &&
      at + bytes.length <= memory.length,
  )
  if (range.backward) starts.reverse()
  return starts.filter(agrees).slice(0, range.limit)
}

// Few different bytes, so that much is found; 0 and 255 among them, which the search treats on their own.
const someBytes = (lengths: { minLength: number; maxLength: number }) =>
  fc.array(fc.constantFrom(0, 1, 255), lengths).map((bytes) => Uint8Array.from(bytes))
const needles = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.record({
    bytes: someBytes({ minLength: length, maxLength: length }),
    mask: fc
      .array(fc.constantFrom(255, 255, 0, 1), { minLength: length, maxLength: length })
      .map((bits) => Uint8Array.from(bits)),
  }),
)
const ranges = fc.record({
  from: fc.nat(70),
  end: fc.nat(70),
  alignment: fc.constantFrom(1, 1, 2, 3, 8),
  backward: fc.boolean(),
  limit: fc.constantFrom(1, 3, 1000),
})

test('finds what a plain search finds, in its order', async () => {
  const memories = someBytes({ minLength: 1, maxLength: 64 })
  await fc.assert(
    fc.asyncProperty(memories, needles, ranges, async (memory, needle, range) => {
      expect(await findBytes(memory, needle, range)).toEqual(reference(memory, needle, range))
    }),
    { numRuns: 500 },
  )
})

test('refuses a needle without bytes, or with a mask of another length', async () => {
  const range = { from: 0, end: 8, alignment: 1, backward: false, limit: 1 }
  const one = new Uint8Array(1)
  for (const bytes of [new Uint8Array(0), new Uint8Array(2)]) {
    await expect(findBytes(new Uint8Array(8), { bytes, mask: one }, range)).rejects.toThrow(
      DmaError,
    )
  }
})
