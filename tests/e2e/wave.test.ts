import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../server/contract/dma-session.ts'
import { launchChromium, openSignedIn, seriousViolations } from '../support/browser.ts'
import { type BuiltServer, startBuiltServer } from '../support/built-server.ts'
import { pixelsOf } from '../support/pixels.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MiB = 1024 ** 2
const chromiumPath = requireChromium()
const samples = 8 * MiB
/** In the middle, where zooming by keys leads to. */
const peakAt = samples / 2
const peak = 30_000

/** 16 MiB of zeros, among which one sample is not. */
async function lockWithPeak(server: BuiltServer): Promise<string> {
  await server.api('/boards/sim0/lease', {})
  const { id } = await server.api<DmaSession>('/boards/sim0/locks', {
    kind: 'scatterGather',
    byteLength: 2 * samples,
    options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
    maxPages: 8192,
    label: 'one peak',
  })
  await writeSample(server, id, peak)
  return id
}

async function writeSample({ url, person }: BuiltServer, id: string, value: number) {
  const body = new Uint8Array(Int16Array.of(value).buffer)
  const path = `/api/v1/dma-sessions/${id}/data?offset=${2 * peakAt}`
  const headers = {
    authorization: `Bearer ${person.token}`,
    'content-type': 'application/octet-stream',
  }
  expect((await fetch(url + path, { method: 'PUT', headers, body })).status).toBe(204)
}

/** Whether the trace reaches to where the peak is: in the middle, close to the top of the range of 16 bits. */
async function showsPeak(plot: Locator): Promise<boolean> {
  const top = 0.5 - peak / 65_536 - 0.02
  const { width, height, at } = await pixelsOf(plot, { x: 0.47, y: top, width: 0.06, height: 0.05 })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, , blue] = at(x, y)
      // The first trace of the dark theme is a light blue; grid, ground and figures are grey.
      if (blue > 120 && blue - red > 50) return true
    }
  }
  return false
}

/** In the page: as a browser that cannot draw in a worker. */
function giveNoCanvasAway() {
  const { HTMLCanvasElement } = globalThis as unknown as {
    HTMLCanvasElement: { prototype: object }
  }
  Reflect.deleteProperty(HTMLCanvasElement.prototype, 'transferControlToOffscreen')
}

/** Without a graphics card WebGL is slow, and the page would draw. */
function drawEvenSlowly(): void {
  const page = globalThis as unknown as { localStorage: { setItem(k: string, v: string): void } }
  page.localStorage.setItem('pinlab.webgl', 'always')
}

const shownSamples = (plot: Locator, count: number) =>
  expect.poll(() => plot.getAttribute('data-shown'), { timeout: 10_000 }).toBe(`${count}`)

async function openWave(browser: Browser, server: BuiltServer) {
  const opened = await openSignedIn(browser, server, { colorScheme: 'dark' })
  await opened.page.addInitScript(drawEvenSlowly)
  return { ...opened, wave: opened.page.getByRole('region', { name: 'Wave' }) }
}

async function showAll(page: Page, wave: Locator) {
  await wave.getByLabel('Sample format').selectOption('i16le')
  await wave.getByLabel('Channels side by side').selectOption('1')
  await wave.getByRole('application').click()
  await page.keyboard.press('0')
}

describe.skipIf(chromiumPath === null)('the wave', () => {
  let browser: Browser

  beforeAll(async () => {
    // WebGL without a graphics card.
    const software = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader']
    browser = await launchChromium(chromiumPath as string, software)
  })
  afterAll(() => browser.close())

  it('shows a peak of one sample in 16 MiB at every zoom, drawn by a worker or by the page', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const id = await lockWithPeak(server)
    // In halves, and by the other one, which draws the same shapes, in steps of 32.
    for (const [by, keys] of [
      ['worker', 1],
      ['page', 5],
    ] as const) {
      const { page, wave, mistakes } = await openWave(browser, server)
      if (by === 'page') await page.addInitScript(giveNoCanvasAway)
      await page.goto(`${server.url}/boards/sim0`)
      const plot = wave.locator('.plot')
      await showAll(page, wave)
      for (let shown = samples; shown >= 16; shown /= 2 ** keys) {
        await shownSamples(plot, shown)
        expect(await showsPeak(plot), `${shown} samples drawn by the ${by}`).toBe(true)
        for (let n = 0; n < keys; n++) await page.keyboard.press('+')
      }
      expect(await plot.getAttribute('data-drawn-by')).toBe(by)
      await writeSample(server, id, 0)
      await expect.poll(() => showsPeak(plot)).toBe(false)
      await writeSample(server, id, peak)
      expect(mistakes).toEqual([])
    }
  })

  it('measures between cursors in the unit of the channel, and takes every shape', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const id = await lockWithPeak(server)
    const { page, wave, mistakes } = await openWave(browser, server)
    await page.goto(`${server.url}/boards/sim0`)
    await showAll(page, wave)
    await wave.getByRole('button', { name: 'Cursors' }).click()
    const figures = wave.getByRole('group', { name: 'Cursors' })
    // The root of the mean square of one sample of 30,000 among 4 Mi: 30,000 / 2,048.
    await figures.getByText('14.648', { exact: true }).waitFor()
    await wave.getByRole('button', { name: 'Units' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Unit', { exact: true }).fill('V')
    await dialog.getByLabel('Gain').fill('1/1000')
    await dialog.getByRole('button', { name: 'Apply' }).click()
    await figures.getByText('14.648 mV', { exact: true }).waitFor()
    await figures.getByText('30 V', { exact: true }).first().waitFor()
    expect(await seriousViolations(page)).toEqual([])

    await server.api(`/dma-sessions/${id}/transfers`, {
      ...{ channel: 'c2h1', mode: 'cyclic', byteLength: MiB, blockByteLength: 131_072 },
    })
    for (const shape of ['rolling', 'spectrum', 'spectrogram']) {
      await page.keyboard.press('f')
      await expect
        .poll(() => wave.locator('.plot').getAttribute('data-shown'))
        .toBe(shape === 'rolling' ? `${256 * 65_536}` : shape)
    }
    expect(await seriousViolations(page)).toEqual([])
    expect(mistakes).toEqual([])
  })
})
