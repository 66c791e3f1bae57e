// What the bench shows of a board that fails on purpose: what happened and what to do, at a desk and on a phone.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import { launchChromium, openSignedIn } from '../support/browser.ts'
import { type BuiltServer, startBuiltServer } from '../support/built-server.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const byteLength = 1024 * 1024
const blockByteLength = 64 * 1024
const chromiumPath = requireChromium()

function startFaultyServer(kind: string): Promise<BuiltServer> {
  const folder = temporaryFolder()
  const board = {
    ...{ id: 'sim0', name: 'Faulty digitizer', bus: 'simulated', driver: 'xdma' },
    config: { h2c: ['memory'], c2h: ['adc'], faults: [{ kind, channel: 'c2h0', skip: 3 }] },
  }
  writeFileSync(join(folder, 'lab.yaml'), stringify({ boards: [board] }))
  const env = { PINLAB_CONFIG: join(folder, 'lab.yaml') }
  return startBuiltServer({ dataFolder: join(folder, 'data'), env })
}

/** A ring on the faulty channel; resolves when it has got to where the fault is. */
async function runInto({ api }: BuiltServer): Promise<string> {
  await api('/boards/sim0/lease', {})
  const { id } = await api<DmaSession>('/boards/sim0/locks', {
    ...{ kind: 'scatterGather', byteLength, direction: 'fromDevice', label: 'run 7' },
    ...{ options: ['ALLOW_64BIT_ADDRESS'] },
  })
  const ring = { channel: 'c2h0', mode: 'cyclic', byteLength, blockByteLength }
  await api(`/dma-sessions/${id}/transfers`, ring)
  const at = `/dma-sessions/${id}/transfers/1`
  const isThere = async () => {
    const { state, blocksCompleted } = await api<Transfer>(at)
    // The count of a board that does not answer any more is what was last read.
    return state !== 'running' || blocksCompleted >= 3
  }
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true)
  return at
}

async function expectFault(page: Page, words: readonly string[]): Promise<void> {
  const faults = page.getByRole('region', { name: 'Faults' })
  for (const text of words) await faults.getByText(text, { exact: false }).first().waitFor()
  const { violations } = await new AxeBuilder({ page: page as never }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
}

describe.skipIf(chromiumPath === null)('the bench of a board that fails', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it.each([
    ['linkLost', 'offline', ['Link lost', 'every register reads all ones', 'Save what you need']],
    ['stall', 'yours', ['Engine did not stop', 'the board was reset', 'Set the board up again']],
    [
      'iommuFault',
      'yours',
      [
        'Access refused',
        'c2h0 tried to write memory that is not locked. At 0x',
        'Nearest is run 7',
        'check the data',
      ],
    ],
  ] as const)('says of %s what happened and what to do', async (kind, standing, words) => {
    const server = await startFaultyServer(kind)
    const transfer = await runInto(server)
    if (kind === 'stall') await server.api(`${transfer}/stop`, {})
    for (const [width, colorScheme] of [
      [1440, 'dark'],
      [390, 'light'],
    ] as const) {
      const viewport = { width, height: 844 }
      const { page, mistakes } = await openSignedIn(browser, server, { viewport, colorScheme })
      await page.goto(`${server.url}/boards/sim0`)
      await page.getByText(standing, { exact: true }).first().waitFor()
      await expectFault(page, words)
      expect(mistakes).toEqual([])
    }
  })
})
