// What a page that cannot keep up says of it: as many pictures skipped as were made and not painted, and that the board lost data.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../support/browser.ts'
import { startBuiltServer } from '../support/built-server.ts'
import { requireChromium } from '../support/requirements.ts'
import { type SeenFrame, takeSeenFrames, watchFrames } from '../support/seen-frames.ts'
import { goToBench, setAdcRate, streamAdc } from '../support/streaming-bench.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const chromiumPath = requireChromium()
const waveKind = 2

/** So that nothing is painted meanwhile. */
function keepBusy(page: Page, ms: number): Promise<void> {
  return page.evaluate((forMs) => {
    const until = performance.now() + forMs
    while (performance.now() < until);
  }, ms)
}

const skippedOf = (words: string | null) =>
  Number(/([\d,]+) skipped/.exec(words ?? '')?.[1]?.replaceAll(',', ''))

/** Made and not delivered, by seq; and delivered, but another picture was painted in its place. */
function missedOf(received: SeenFrame[]): number {
  const made = (received.at(-1)?.seq ?? 0) - (received[0]?.seq ?? 0) + 1
  let missed = made - received.length
  let waiting = 0
  for (const { hasPicture, paintedAt } of received) {
    if (hasPicture) waiting += 1
    if (paintedAt === null) continue
    missed += Math.max(0, waiting - 1)
    waiting = 0
  }
  return missed
}

describe.skipIf(chromiumPath === null)('a page that cannot keep up', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('says what it skipped, and that the board lost data', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const session = await streamAdc(server, 1_000_000)
    const { page, context } = await openPage(browser)
    await watchFrames(context)
    await goToBench(page, server)
    const wave = page.getByRole('region', { name: 'Wave' })
    // Two frames that wait for the same picture: the browser says when.
    await expect
      .poll(
        async () => {
          await keepBusy(page, 300)
          return skippedOf(await wave.getByText(/live .+ skipped/).textContent())
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(1)

    const operations = [setAdcRate(0xffff_ffff)]
    await server.api('/boards/sim0/register-operations', { operations })
    await wave.getByText('data lost').waitFor()
    await server.api(`/dma-sessions/${session.id}/transfers/1/stop`, {})
    const badge = wave.getByText(/nothing changes, [\d,. ]+ skipped/)
    await badge.waitFor()
    await wave.getByText('data lost').waitFor()

    const frames = (await takeSeenFrames(page)).filter(({ kind }) => kind === waveKind)
    // One while the ring is filled, another one afterwards.
    const streams = [...new Set(frames.map(({ stream }) => stream))]
    const missed = streams
      .map((one) => missedOf(frames.filter(({ stream }) => stream === one)))
      .reduce((sum, count) => sum + count, 0)
    expect(missed).toBeGreaterThan(1)
    expect(skippedOf(await badge.textContent())).toBe(missed)
  })
})
