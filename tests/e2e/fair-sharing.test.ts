import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Booking } from '../../server/contract/booking.ts'
import type { Capture, CapturePage } from '../../server/contract/capture.ts'
import type { Transfer } from '../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { launchChromium, seriousViolations } from '../support/browser.ts'
import type { TestPerson } from '../support/people.ts'
import { requireChromium } from '../support/requirements.ts'
import { ServedLab } from '../support/served-lab.ts'

const KiB = 1024
const MiB = 1024 * KiB
const minute = 60_000
const chromiumPath = requireChromium()
const whole = { viewport: { width: 1440, height: 1000 } }

interface Times {
  start: string
  end: string
}

async function book(served: ServedLab, person: TestPerson, { start, end }: Times) {
  const { body } = await served.lab.as(person).post<Booking>('/bookings', {
    board: 'sim0',
    start,
    end,
  })
  expect(body.state).toBe('confirmed')
}

async function openBench(served: ServedLab, page: Page) {
  await page.goto(`${served.url}/boards/sim0`)
  await page.getByRole('heading', { name: 'sim0' }).waitFor()
}

/** What screen readers are told of the page as a whole. */
const said = (page: Page, how: 'polite' | 'assertive') => page.locator(`.unseen[aria-live=${how}]`)

async function takeControl(page: Page) {
  await page.getByRole('button', { name: 'Use now' }).click()
  await page.getByRole('button', { name: 'Release' }).waitFor()
}

/** Every step that the page shows as the one that is on, from now on. */
async function watchSteps(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    window.shownSteps = []
    new MutationObserver(() => {
      const on = document.querySelector('header [aria-current=step] .name')
      if (on) window.shownSteps.push(on.textContent)
    }).observe(document.body, { subtree: true, childList: true, attributes: true })
  `)
  return async () => [...new Set((await page.evaluate('window.shownSteps')) as string[])]
}

describe.skipIf(chromiumPath === null)('a board shared fairly', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('goes from one person to the next with a warning, a capture, and nothing left behind', async () => {
    const served = await ServedLab.open()
    const { lab } = served
    const ann = await served.addPerson()
    const bob = await served.addPerson()
    const annsTime = { start: '2027-01-11T14:05:00Z', end: '2027-01-11T14:35:00Z' }
    const bobsTime = { start: '2027-01-11T14:35:00Z', end: '2027-01-11T15:05:00Z' }
    await book(served, ann, annsTime)
    await served.skipTo(annsTime.start)

    const { page: anns, mistakes } = await served.openAs(browser, ann, whole)
    await openBench(served, anns)
    await takeControl(anns)
    const ring = await lab.as(ann).lock({ label: 'ring', byteLength: 256 * KiB })
    await lab.as(ann).start(ring.id, {
      ...{ channel: 'c2h1', mode: 'cyclic', byteLength: 256 * KiB, blockByteLength: 64 * KiB },
    })
    // Into the board's own memory and back: what the next person must not find.
    const card = { byteLength: MiB, deviceAddress: '0x0' }
    const secret = await lab.as(ann).lock({ label: 'secret', direction: 'toDevice' })
    await lab.as(ann).post(`/dma-sessions/${secret.id}/fill`, { pattern: 'random', seed: 7 })
    await transferAll(served, ann, { session: secret.id, channel: 'h2c0', ...card })
    const kept = await lab.as(ann).lock({ label: 'kept' })
    await transferAll(served, ann, { session: kept.id, channel: 'c2h0', ...card })
    await anns.getByRole('button', { name: 'Stop c2h1' }).waitFor()

    await anns.getByRole('button', { name: 'Select kept' }).click()
    await anns.getByRole('button', { name: 'Take capture' }).click()
    const dialog = anns.getByRole('dialog')
    await dialog.getByLabel('Name').fill('on purpose')
    await dialog.getByRole('button', { name: 'Take capture' }).click()
    const captures = anns.getByRole('region', { name: 'Captures' })
    await captures.getByText('on purpose').waitFor()

    await book(served, bob, bobsTime)
    const strip = anns.getByRole('region', { name: 'Time left on sim0' })
    await served.skipTo(annsTime.end, 10 * minute + 5000)
    await expect.poll(() => strip.count()).toBe(0)
    await served.skipTo(annsTime.end, 10 * minute - 1000)
    await strip.waitFor()
    await expect.poll(() => anns.title()).toMatch(/^09:\d\d sim0 · Pinlab$/)
    await said(anns, 'polite')
      .filter({ hasText: 'sim0 ends in 10 minutes' })
      .waitFor({ state: 'attached' })
    // Also on another screen, whose own title comes back afterwards.
    await anns.getByRole('link', { name: 'Sessions' }).click()
    await strip.waitFor()
    await expect.poll(() => anns.title()).toMatch(/^09:\d\d sim0/)
    await strip.getByRole('button', { name: /^Extend .*sim0/ }).click()
    await anns.getByRole('alert').getByText(bob.name).waitFor()
    expect(await seriousViolations(anns)).toEqual([])
    await anns.getByRole('button', { name: /^Dismiss/ }).click()
    await openBench(served, anns)
    // A reload warns nobody again.
    await strip.waitFor()
    expect(await said(anns, 'polite').textContent()).not.toContain('ends in')
    await served.skipTo(annsTime.end, 4 * minute)
    await said(anns, 'polite')
      .filter({ hasText: 'sim0 ends in 4 minutes' })
      .waitFor({ state: 'attached' })

    const { page: bobs } = await served.openAs(browser, bob, whole)
    await openBench(served, bobs)
    const shownSteps = await watchSteps(bobs)
    await served.skipTo(annsTime.end, 30_000)
    await said(anns, 'assertive')
      .filter({ hasText: 'sim0 ends in 1 minute' })
      .waitFor({ state: 'attached' })
    await served.skipTo(annsTime.end)
    await anns.getByRole('region', { name: 'You do not control sim0 any more' }).waitFor()
    await bobs.getByRole('button', { name: 'Use now' }).waitFor()
    expect((await shownSteps()).length).toBeGreaterThan(0)
    await expect.poll(() => anns.title()).toBe('sim0 · Pinlab')

    const saved = (await lab.as(ann).get<CapturePage>('/captures?board=sim0')).body.items
    await expectCaptured(served, ann, saved)
    await captures.getByText('automatic').first().waitFor()
    expect((await lab.as(bob).get<CapturePage>('/captures?board=sim0')).body.items).toEqual([])

    await takeControl(bobs)
    const { status } = (await lab.as(bob).get<BoardDetail>('/boards/sim0')).body
    expect(status).toMatchObject({ dirty: false, lease: { holder: bob.id } })
    expect(Date.parse(status.lease?.endsAt ?? '')).toBe(Date.parse(bobsTime.end))
    await expectNothingLeft(served, bob)
    expect(mistakes.filter((text) => !text.includes('409'))).toEqual([])
  })
})

/** What the board had delivered when the time was over is there, byte for byte; of what was only sent to it, nothing. */
async function expectCaptured(served: ServedLab, person: TestPerson, captures: Capture[]) {
  const automatic = captures.filter((capture) => capture.automatic)
  expect(automatic.map(({ name }) => name).toSorted()).toEqual(['kept', 'ring'])
  const onPurpose = captures.find((capture) => !capture.automatic)
  const last = automatic.find(({ name }) => name === 'kept')
  expect(last?.sha256).toBe(onPurpose?.sha256)
  const { bytes } = await served.lab.as(person).get(`/captures/${last?.id}/data`)
  expect(bytes.byteLength).toBe(MiB)
  expect(bytes.some((byte) => byte !== 0)).toBe(true)
}

async function transferAll(
  { lab }: ServedLab,
  person: TestPerson,
  {
    session,
    ...wanted
  }: { session: string; channel: string; byteLength: number; deviceAddress: string },
) {
  const { n } = await lab.as(person).start(session, wanted)
  const { body } = await lab
    .as(person)
    .get<Transfer>(`/dma-sessions/${session}/transfers/${n}?waitSeconds=20`)
  expect(body.state).toBe('done')
}

/** Neither new locks nor the board's own memory hold anything. */
async function expectNothingLeft(served: ServedLab, person: TestPerson) {
  const { lab } = served
  const one = await lab.as(person).lock({ label: 'mine' })
  const bytesOf = async () => (await lab.as(person).get(`/dma-sessions/${one.id}/data`)).bytes
  const zeros = Buffer.alloc(MiB)
  expect((await bytesOf()).equals(zeros)).toBe(true)
  await lab.as(person).post(`/dma-sessions/${one.id}/fill`, { pattern: 'counter' })
  await transferAll(served, person, {
    ...{ session: one.id, channel: 'c2h0', byteLength: MiB, deviceAddress: '0x0' },
  })
  expect((await bytesOf()).equals(zeros)).toBe(true)
}
