// The calendar in a browser: by pointer and by keyboard, what is refused, and on a phone. All of it on tomorrow, so that the time of
// day at which it runs does not matter.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Booking } from '../../server/contract/booking.ts'
import { launchChromium, openSignedIn, seriousViolations } from '../support/browser.ts'
import { type BuiltServer, startBuiltServer } from '../support/built-server.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const chromiumPath = requireChromium()

/** A refusal is what is asked for here, and the browser reports it. */
const unexpected = (mistakes: string[]) => mistakes.filter((text) => !text.includes('409'))

/** Drags on a board's row, from and to a part of what is in sight of it. */
async function drag(page: Page, board: string, { from, to }: { from: number; to: number }) {
  const row = await page.locator(`[data-lane="${board}"]`).boundingBox()
  if (!row) throw new Error(`${board} has no row`)
  const left = Math.max(row.x, 400)
  const y = row.y + row.height / 2
  await page.mouse.move(left + from, y)
  await page.mouse.down()
  await page.mouse.move(left + to, y, { steps: 6 })
  await page.mouse.up()
}

async function bookings(server: BuiltServer): Promise<Booking[]> {
  const to = new Date(Date.now() + 3 * 86_400_000).toISOString()
  return (await server.api<{ items: Booking[] }>(`/bookings?to=${to}`)).items
}

const minutesOf = ({ start, end }: Booking) => (Date.parse(end) - Date.parse(start)) / 60_000

describe.skipIf(chromiumPath === null)('the calendar', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? '')
  }, 60_000)
  afterAll(() => browser?.close())

  it('books, moves and cancels by pointer and by keyboard, and says what is free instead', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const { page, mistakes } = await openSignedIn(browser, server, { timezoneId: 'Europe/Berlin' })
    await page.goto(`${server.url}/calendar`)
    await page.getByRole('button', { name: 'Next day' }).click()

    await drag(page, 'sim0', { from: 300, to: 358 })
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What for').fill('dragged')
    await page.keyboard.press('Enter')
    const block = page.getByRole('button', { name: /^you, .*dragged/ })
    await block.waitFor()
    const [made] = await bookings(server)
    expect(made).toMatchObject({ board: 'sim0', note: 'dragged', state: 'confirmed' })
    expect(made && minutesOf(made) % 5).toBe(0)

    const before = await block.getAttribute('title')
    await drag(page, 'sim0', { from: 325, to: 440 })
    await expect.poll(() => block.getAttribute('title')).not.toBe(before)
    const [moved] = await bookings(server)
    expect(moved && made && minutesOf(moved)).toBe(made && minutesOf(made))
    expect(moved?.start).not.toBe(made?.start)

    // Where it was: free. Where it is: refused, with the nearest free time as a button.
    await drag(page, 'sim0', { from: 425, to: 445 })
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Book …' }).click()
    const at = new Date(moved?.start ?? '')
    const wall = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', ...options }).format(at)
    await dialog.getByLabel('Board').selectOption('sim0')
    await dialog.getByLabel('Day').fill(wall({ dateStyle: 'short' }))
    await dialog.getByLabel('Start').fill(wall({ timeStyle: 'short' }))
    await dialog.getByRole('button', { name: 'Book', exact: true }).click()
    const instead = dialog.getByRole('button', { name: /^Book \d\d:\d\d–\d\d:\d\d instead$/ })
    await instead.waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await instead.click()
    await expect.poll(async () => (await bookings(server)).length).toBe(2)

    // By keyboard: down to the other board, an hour on, half an hour long.
    await page.getByRole('application', { name: 'Calendar of the boards' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Control+ArrowRight')
    for (let slot = 1; slot < 6; slot++) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')
    await dialog.getByLabel('What for').fill('typed')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^you, .*typed/ }).waitFor()
    const typed = (await bookings(server)).find(({ note }) => note === 'typed')
    expect(typed).toMatchObject({ board: 'sim1' })
    expect(typed && minutesOf(typed)).toBe(30)
    // The focus is back on the grid, and the cursor on what was booked.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Cancel booking …' }).click()
    await dialog.getByRole('button', { name: 'Cancel booking', exact: true }).click()
    await expect.poll(async () => (await bookings(server)).length).toBe(2)
    expect(unexpected(mistakes)).toEqual([])
  }, 240_000)

  it('is a list with buttons on a phone', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const { page, mistakes } = await openSignedIn(browser, server, {
      viewport: { width: 390, height: 844 },
    })
    await page.goto(`${server.url}/calendar`)
    await page.getByRole('button', { name: 'Next day' }).click()
    const sim1 = page.getByRole('region', { name: 'sim1' })
    await sim1.getByRole('button', { name: /^Book sim1/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Book', exact: true }).click()
    await sim1.getByRole('button', { name: /^you/ }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)

    await page.getByRole('link', { name: 'Mine' }).click()
    await page.getByRole('list', { name: 'My bookings' }).getByText('sim1').waitFor()
    await page.goto(`${server.url}/rules`)
    await page.getByLabel('Ahead, days').fill('60')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    expect(mistakes).toEqual([])
  }, 120_000)
})
