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
    for (let times = 0; times < 3; times++) await keepBusy(page, 300)

    const operations = [setAdcRate(0xffff_ffff)]
    await server.api('/boards/sim0/register-operations', { operations })
    await wave.getByText('data lost').waitFor()
    await server.api(`/dma-sessions/${session.id}/transfers/1/stop`, {})
    const badge = wave.getByText(/nothing changes, [\d,. ]+ skipped/)
    await badge.waitFor()

    const frames = (await takeSeenFrames(page)).filter(({ kind }) => kind === waveKind)
    const missed = missedOf(frames.filter(({ stream }) => stream === frames.at(-1)?.stream))
    expect(missed).toBeGreaterThan(1)
    const told = Number((await badge.textContent())?.replace(/^.*changes|\D/g, ''))
    expect(told).toBe(missed)
  })
})
