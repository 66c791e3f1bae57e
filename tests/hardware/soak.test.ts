// Drivers that are killed in mid-transfer, a few times here; `npm run soak` does it twenty times on each board.

import { describe, expect, it } from 'vitest'
import { requireGuest } from './guest/prepare.ts'
import { complaints, describeReport } from './soak/report.ts'
import { soak } from './soak/soak.ts'

const kills = 3

describe.skipIf(requireGuest() === null)('after kill -9 of a driver in mid-transfer', () => {
  it('no byte lands in the memory of the next one, which finds the board idle and at work again', async () => {
    const report = await soak(kills)
    process.stdout.write(`${describeReport(report)}\n`)
    expect(report.boards.map(({ takeovers }) => takeovers.length)).toEqual([kills, kills, kills])
    expect(complaints(report)).toEqual([])
  }, 600_000)
})
