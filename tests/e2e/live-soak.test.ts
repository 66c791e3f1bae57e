// A minute of what `npm run soak -- live` does for an hour.

import { describe, expect, it } from 'vitest'
import { requireChromium } from '../support/requirements.ts'
import { growthOf } from './live-soak/growth.ts'
import { describeReport, streamFor } from './live-soak/live-soak.ts'

const chromium = requireChromium()
const MiB = 1024 * 1024

describe.skipIf(chromium === null)('a Bench that streams', () => {
  it('makes neither the heap of its page nor that of the server grow', async () => {
    const report = await streamFor(1, chromium as string)
    console.log(describeReport(report))
    expect(report.complaints).toEqual([])
  }, 240_000)
})

it('who judges that sees a leak through the noise, and noise as none', () => {
  const heap = (leak: number) =>
    Array.from({ length: 30 }, (_, n) => (20 + leak * n + (n % 7 === 0 ? 5 : 0)) * MiB)
  expect(growthOf(heap(0)).isTooMuch).toBe(false)
  expect(growthOf(heap(0.1)).isTooMuch).toBe(true)
})
