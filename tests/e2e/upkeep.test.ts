// What keeps a lab well, in a browser: boards are checked and reset, the clock is accepted, and who is told shows whether they are.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Transfer } from '../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { launchChromium, seriousViolations } from '../support/browser.ts'
import { requireChromium } from '../support/requirements.ts'
import { ServedLab } from '../support/served-lab.ts'
import { newReceiver } from '../support/webhook-receiver.ts'

const KiB = 1024
const chromiumPath = requireChromium()

const said = (page: Page, text: string) =>
  page.locator('.unseen[aria-live=polite]').filter({ hasText: text }).waitFor({ state: 'attached' })

describe.skipIf(chromiumPath === null)('the upkeep of a lab', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('checks a board that nobody has, and resets one for its holder', async () => {
    const served = await ServedLab.open()
    const { lab } = served
    const ann = await served.addPerson()
    const kim = await served.addPerson('admin')
    const bench = `${served.url}/boards/sim0`
    const { page: kims, mistakes } = await served.openAs(browser, kim)
    const { page: anns } = await served.openAs(browser, ann)
    await kims.goto(bench)
    await anns.goto(bench)
    const health = kims.getByRole('region', { name: 'Health' })
    await health.getByText(/^checked/).waitFor()
    const checkedAt = async () =>
      (await lab.get<BoardDetail>('/boards/sim0')).body.status.health?.checkedAt
    const before = await checkedAt()
    await served.skip(5000)
    await health.getByRole('button', { name: 'Check now' }).click()
    await said(kims, 'sim0 was checked.')
    expect(await checkedAt()).not.toBe(before)
    expect(await seriousViolations(kims)).toEqual([])

    await anns.getByRole('button', { name: 'Use now' }).click()
    await health.waitFor({ state: 'detached' })
    expect(await anns.getByRole('button', { name: 'Check now' }).count()).toBe(0)
    expect(await kims.getByRole('button', { name: 'Reset board' }).count()).toBe(0)
    const { id } = await lab.as(ann).lock({ label: 'ring', byteLength: 256 * KiB })
    const cyclic = { mode: 'cyclic', byteLength: 256 * KiB, blockByteLength: 64 * KiB }
    const { n } = await lab.as(ann).start(id, cyclic)
    await anns.getByRole('button', { name: 'Stop c2h1' }).waitFor()
    await anns.getByRole('button', { name: 'Reset board' }).click()
    const dialog = anns.getByRole('dialog')
    await dialog.getByText('1 transfer that runs now will fail.').waitFor()
    expect(await seriousViolations(anns)).toEqual([])
    await dialog.getByRole('button', { name: 'Reset' }).click()
    await anns.getByRole('button', { name: 'Start c2h1' }).waitFor()
    await anns.getByRole('button', { name: 'Unlock ring' }).waitFor()
    const { body } = await lab.as(ann).get<Transfer>(`/dma-sessions/${id}/transfers/${n}`)
    expect(body).toMatchObject({ state: 'failed', failure: { code: 'PINLAB_BOARD_RESET' } })
    const { status } = (await lab.get<BoardDetail>('/boards/sim0')).body
    expect(status).toMatchObject({ state: 'leased', lease: { holder: ann.id } })
    expect(mistakes).toEqual([])
  })

  it('takes a clock that was moved for right, and shows who is not told', async () => {
    const receiver = await newReceiver()
    receiver.answer = 500
    const served = await ServedLab.open({ webhooks: [receiver.hook()] })
    const kim = await served.addPerson('admin')
    const { page, mistakes } = await served.openAs(browser, kim)
    await served.lab.take()
    await served.skip(1000)
    served.clock.moveWall(5 * 60_000)
    await page.goto(`${served.url}/doctor`)
    const moved = page.getByRole('listitem', { name: 'Clock moved' })
    const accept = moved.getByRole('button', { name: 'Take the clock for right' })
    await accept.waitFor()
    const hooks = page.getByRole('region', { name: 'Webhooks' })
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Check again' }).click()
        return hooks.textContent()
      })
      .toMatch(/failing[\s\S]*behind[\s\S]*It answered 500/)
    expect(await seriousViolations(page)).toEqual([])
    await accept.click()
    await moved.waitFor({ state: 'detached' })
    expect(served.clock.step()).toBeNull()
    expect(mistakes).toEqual([])
  })
})
