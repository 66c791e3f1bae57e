import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, seriousViolations } from '../support/browser.ts'
import { requireChromium } from '../support/requirements.ts'
import { ServedLab } from '../support/served-lab.ts'

const KiB = 1024
const chromiumPath = requireChromium()

const wave = (page: Page) => page.getByRole('region', { name: 'Wave' }).getByText(/live [1-9]/)

async function giveReason(page: Page, { button, reason }: { button: string; reason: string }) {
  await page.getByRole('button', { name: button }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(reason)
  expect(await seriousViolations(page)).toEqual([])
  await dialog.getByRole('button', { name: button }).click()
}

describe.skipIf(chromiumPath === null)('a lease that is shared', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('is watched by everybody only while its holder allows it, and controlled by its members', async () => {
    const served = await ServedLab.open()
    const ann = await served.addPerson()
    const bob = await served.addPerson()
    const vic = await served.addPerson('viewer')
    const bench = `${served.url}/boards/sim0`
    const { page: anns } = await served.openAs(browser, ann)
    const { page: bobs } = await served.openAs(browser, bob)
    const { page: vics, mistakes } = await served.openAs(browser, vic)
    await anns.goto(bench)
    await anns.getByRole('button', { name: 'Use now' }).click()
    const watch = anns.getByRole('switch', { name: 'Everyone may watch' })
    await watch.waitFor()
    const { id } = await served.lab.as(ann).lock({ byteLength: 256 * KiB })
    const cyclic = { mode: 'cyclic', byteLength: 256 * KiB, blockByteLength: 64 * KiB }
    await served.lab.as(ann).start(id, cyclic)

    await vics.goto(bench)
    const closed = vics.getByText('Only who controls a board sees its bytes').first()
    await closed.waitFor()
    await watch.check()
    await wave(vics).waitFor()
    expect(
      await vics.getByRole('button', { name: /^(Stop|Release|Extend|Unlock|Fill)/ }).count(),
    ).toBe(0)
    expect(await seriousViolations(vics)).toEqual([])
    await watch.uncheck()
    await closed.waitFor()

    await bobs.goto(bench)
    await bobs.getByRole('heading', { name: 'sim0' }).waitFor()
    await anns.getByRole('button', { name: 'Members' }).click()
    const dialog = anns.getByRole('dialog')
    await dialog.getByLabel('Add by login').fill('nobody-here')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').getByText('nobody-here').waitFor()
    await dialog.getByLabel('Add by login').fill(bob.login.toUpperCase())
    await dialog.getByRole('button', { name: 'Save' }).click()
    await anns.getByText(`Shared with ${bob.name}`).waitFor()
    await wave(bobs).waitFor()
    await bobs.getByRole('button', { name: 'Stop c2h1' }).click()
    await bobs.getByRole('button', { name: 'Start c2h1' }).waitFor()
    // The holder alone decides how long it is.
    await anns.getByRole('button', { name: 'Extend 30 min' }).waitFor()
    expect(await bobs.getByRole('button', { name: /^Extend/ }).count()).toBe(0)

    await anns.getByRole('button', { name: 'Members' }).click()
    await dialog.getByRole('button', { name: `Remove ${bob.name}` }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await bobs.getByRole('region', { name: 'You do not control sim0 any more' }).waitFor()
    await bobs.getByText('Only who controls a board sees its bytes').first().waitFor()
    expect(mistakes).toEqual([])
  })

  it('tells its holder who stepped in, who ended it, and why', async () => {
    const served = await ServedLab.open()
    const ann = await served.addPerson()
    const kim = await served.addPerson('admin')
    const { page: anns, mistakes } = await served.openAs(browser, ann)
    const { page: kims } = await served.openAs(browser, kim)
    await anns.goto(`${served.url}/boards/sim0`)
    await anns.getByRole('button', { name: 'Use now' }).click()
    await anns.getByRole('button', { name: 'Release' }).waitFor()
    // Wherever they are.
    await anns.getByRole('link', { name: 'Sessions' }).click()
    await kims.goto(`${served.url}/boards/sim0`)

    await giveReason(kims, { button: 'Take over', reason: 'it smokes' })
    const stepped = anns.getByRole('region', { name: `${kim.name} controls sim0 too` })
    await stepped.getByText('it smokes').waitFor()
    await kims.getByRole('button', { name: 'Lock memory' }).waitFor()
    expect(await seriousViolations(anns)).toEqual([])
    await stepped.getByRole('button', { name: 'Dismiss' }).click()
    await anns.reload()
    await anns.getByRole('link', { name: /^Bench/ }).click()
    await anns.getByRole('region', { name: 'Lease' }).getByText('it smokes').waitFor()
    expect(await stepped.count()).toBe(0)

    await giveReason(kims, { button: 'Revoke', reason: 'fire alarm' })
    const ended = anns.getByRole('region', { name: 'You do not control sim0 any more' })
    await ended.getByText('fire alarm').waitFor()
    await anns.getByRole('button', { name: 'Use now' }).waitFor()
    await anns.reload()
    await ended.getByText('fire alarm').waitFor()
    expect(mistakes).toEqual([])
  })
})
