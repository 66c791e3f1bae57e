import { readFileSync } from 'node:fs'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import {
  launchChromium,
  launchFirefox,
  openPage,
  openSignedIn,
  seriousViolations,
} from '../support/browser.ts'
import { type BuiltServer, startBuiltServer } from '../support/built-server.ts'
import { requireChromium, requireFirefox } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordingData } from '../support/test-lab.ts'

const KiB = 1024
const chromium = { name: 'Chromium', path: requireChromium(), launch: launchChromium }
/** Without axe, which judges the same document as in Chromium, and takes ten times as long. */
const firefox = { name: 'Firefox', path: requireFirefox(), launch: launchFirefox }

/**
 * What the browsers complain of: the first question, who is signed in; and in Firefox the `body {}` that playwright wants to add for
 * a screenshot, which the pages' policy refuses.
 */
const notOurs = ['401', 'sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=']

async function signIn(page: Page, { url, person }: BuiltServer) {
  await page.goto(url)
  await page.getByLabel('Login').fill(person.login)
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Use now' }).first().waitFor()
}

async function lockMemory(page: Page, { kib, label }: { kib: number; label: string }) {
  await page.getByRole('button', { name: 'Lock memory' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Unit').selectOption('KiB')
  await dialog.getByLabel('Size', { exact: true }).fill(String(kib))
  await dialog.getByLabel('Label').fill(label)
  await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
  await page.getByRole('button', { name: `Unlock ${label}` }).waitFor()
}

async function startTransfer(page: Page, mode: 'once' | 'cyclic') {
  await page.getByRole('button', { name: 'Start c2h1' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: mode }).check()
  await dialog.getByRole('button', { name: 'Start', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

async function download(page: Page): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('region', { name: 'Bytes' }).getByRole('link', { name: 'Download' }).click(),
  ])
  return readFileSync(await file.path())
}

/** Into the grid of bytes, as a little-endian group of two, and writes it. */
async function typeOver(page: Page, { offset, digits }: { offset: string; digits: string }) {
  const bytes = page.getByRole('region', { name: 'Bytes' })
  await bytes.getByLabel('Go to offset').fill(offset)
  await page.keyboard.press('Enter')
  await bytes.getByRole('grid').focus()
  await page.keyboard.type(digits)
  await bytes.getByText('2 bytes edited').waitFor()
  await page.keyboard.press('Enter')
  await bytes.getByText('2 bytes edited').waitFor({ state: 'detached' })
}

/** The grid stands still; a trace moves. */
async function seeItMove(plot: Locator): Promise<void> {
  const before = await plot.screenshot()
  await expect.poll(async () => before.equals(await plot.screenshot())).toBe(false)
}

function browserOf({ path, launch }: typeof chromium): () => Browser {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch(path as string)
  })
  afterAll(() => browser.close())
  return () => browser
}

for (const kind of [chromium, firefox]) {
  describe.skipIf(kind.path === null)(`the main job in ${kind.name}`, () => {
    const browser = browserOf(kind)
    const violations = kind === chromium ? seriousViolations : async () => []

    it('takes the digitizer, streams the recording live, and finds the session afterwards', async () => {
      const server = await startBuiltServer({ dataFolder: temporaryFolder() })
      const lockedBefore = server.lockedKiB()
      const wav = recordingData()
      const { page, mistakes } = await openPage(browser(), { acceptDownloads: true })

      await signIn(page, server)
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Use now' }).first().click()
      await page.waitForURL('**/boards/sim0')

      await lockMemory(page, { kib: wav.byteLength / KiB, label: 'whole recording' })
      await startTransfer(page, 'once')
      const channels = page.getByRole('region', { name: 'Channels' })
      await channels.getByText('done').first().waitFor()
      expect((await download(page)).equals(wav)).toBe(true)

      await startTransfer(page, 'cyclic')
      await channels.getByRole('button', { name: 'Stop c2h1' }).waitFor()
      const wave = page.getByRole('region', { name: 'Wave' })
      await wave.getByText(/live [1-9]\d* fps/).waitFor()
      await seeItMove(wave.locator('.plot'))
      const bytes = page.getByRole('region', { name: 'Bytes' })
      await bytes.getByText(/block \d+ of 4/).waitFor()
      expect(await violations(page)).toEqual([])

      await page.reload()
      await channels.getByRole('button', { name: 'Stop c2h1' }).waitFor()
      await page.keyboard.press('Escape')
      await channels.getByRole('button', { name: 'Start c2h1' }).waitFor()
      const session = await sessionOf(server, 'whole recording')
      await expectLastBlock(session.transfers[0] as Transfer, await download(page), wav)

      await typeOver(page, { offset: '0x10', digits: 'c0de' })
      expect((await download(page)).subarray(16, 18).toString('hex')).toBe('dec0')

      await page.getByRole('button', { name: 'Unlock whole recording' }).click()
      await page
        .getByRole('button', { name: 'Unlock whole recording' })
        .waitFor({ state: 'detached' })
      expect(server.lockedKiB()).toBe(lockedBefore)

      await page.getByRole('link', { name: 'Sessions' }).click()
      expect(await violations(page)).toEqual([])
      await page.getByRole('link', { name: /whole recording/ }).click()
      await page.getByText('unlocked').first().waitFor()
      await page
        .getByText(session.pages[0]?.address ?? 'no page', { exact: false })
        .first()
        .waitFor()
      await page.getByText('cyclic').first().waitFor()
      expect(await violations(page)).toEqual([])
      expect(mistakes.filter((text) => !notOurs.some((part) => text.includes(part)))).toEqual([])
    })
  })
}

describe.skipIf(chromium.path === null)('the main job in the background', () => {
  const browser = browserOf(chromium)

  it('goes on while nobody looks, and is shown again', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const first = await openSignedIn(browser(), server)
    await first.page.goto(`${server.url}/boards/sim0`)
    await first.page.getByRole('button', { name: 'Use now' }).click()
    await lockMemory(first.page, { kib: 256, label: 'left alone' })
    await startTransfer(first.page, 'cyclic')
    const { id } = await sessionOf(server, 'left alone')
    await first.context.close()

    const before = await server.api<Transfer>(`/dma-sessions/${id}/transfers/1`)
    await expect
      .poll(
        async () => (await server.api<Transfer>(`/dma-sessions/${id}/transfers/1`)).bytesCompleted,
        {
          timeout: 20_000,
        },
      )
      .toBeGreaterThan(before.bytesCompleted)
    const second = await openSignedIn(browser(), server)
    await second.page.goto(`${server.url}/boards/sim0`)
    await second.page.getByRole('button', { name: 'Stop c2h1' }).waitFor()
    await second.page
      .getByRole('region', { name: 'Wave' })
      .getByText(/live [1-9]\d* fps/)
      .waitFor()
  })
})

async function sessionOf(server: BuiltServer, label: string): Promise<DmaSession> {
  const { items } = await server.api<{ items: DmaSession[] }>('/dma-sessions')
  const found = items.find((session) => session.label === label)
  return server.api<DmaSession>(`/dma-sessions/${found?.id}`)
}

/** The last completed block in the downloaded ring is the recording at its place in the stream. */
async function expectLastBlock(transfer: Transfer, ring: Buffer, wav: Buffer) {
  const block = transfer.blockByteLength ?? 0
  expect(transfer.state).toBe('stopped')
  expect(transfer.bytesCompleted).toBeGreaterThan(0)
  const start = transfer.bytesCompleted - block
  const shown = ring.subarray(start % ring.byteLength, (start % ring.byteLength) + block)
  const from = start % wav.byteLength
  expect(shown.equals(Buffer.concat([wav, wav]).subarray(from, from + block))).toBe(true)
}
