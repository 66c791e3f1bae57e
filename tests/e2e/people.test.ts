// People as they come into a lab: the first administrator by the console's link, others by invitation, and out again.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage, openSignedIn, seriousViolations } from '../support/browser.ts'
import { startBuiltServer, startNewLab } from '../support/built-server.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const chromiumPath = requireChromium()

/** Browsers report each answer that is no success; these are the ones that tell a page who is in. */
const unexpected = (mistakes: string[]) => mistakes.filter((text) => !text.includes('401'))

async function setUp(page: Page, link: string) {
  await page.goto(link)
  await page.getByLabel('Your name').fill('Ada Keeper')
  await page.getByLabel('Login').fill('ada')
  const password = page.getByRole('textbox', { name: 'Password' })
  await password.fill('short')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await page.getByText('5 of at least 10 characters').waitFor()
  expect(await seriousViolations(page)).toEqual([])
  await password.fill('copper lantern fjord')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/boards/sim0')
}

async function invite(
  page: Page,
  { name, login, role }: Record<'name' | 'login' | 'role', string>,
) {
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Invite' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Login').fill(login)
  await dialog.getByRole('radio', { name: role }).check()
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const note = page.getByRole('region', { name: `The link for ${name}` })
  return (await note.locator('code').textContent()) ?? ''
}

async function acceptInvitation(
  page: Page,
  { link, password }: { link: string; password: string },
) {
  await page.goto(link)
  await page.getByRole('heading', { name: /^Welcome, / }).waitFor()
  expect(await seriousViolations(page)).toEqual([])
  await page.getByRole('textbox', { name: 'New password' }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Boards' }).waitFor()
}

/** Use now, lock, start, watch, stop, unlock, release. */
async function doTheMainJob(page: Page) {
  await page.getByRole('button', { name: 'Use now' }).first().click()
  await page.waitForURL('**/boards/sim0')
  await page.getByRole('button', { name: 'Lock memory' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Label').fill('first run')
  await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
  await page.getByRole('button', { name: 'Start c2h1' }).click()
  await dialog.getByRole('radio', { name: 'cyclic' }).check()
  await dialog.getByRole('button', { name: 'Start', exact: true }).click()
  const wave = page.getByRole('region', { name: 'Wave' })
  await wave.getByText(/live [1-9]\d* fps/).waitFor()
  await page.getByRole('button', { name: 'Stop c2h1' }).click()
  await page.getByRole('button', { name: 'Start c2h1' }).waitFor()
  await page.getByRole('button', { name: 'Unlock first run' }).click()
  await page.getByRole('button', { name: 'Unlock first run' }).waitFor({ state: 'detached' })
}

async function disable(page: Page, name: string) {
  await page.getByRole('button', { name: `Disable ${name}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('listitem', { name }).getByText('disabled').waitFor()
}

describe.skipIf(chromiumPath === null)('people in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('come in by the link of the console and by invitation, do the main job, and are shown out', async () => {
    const { url, setUpLink } = await startNewLab({ dataFolder: temporaryFolder() })
    const early = await openPage(browser)
    await early.page.goto(url)
    await early.page.getByRole('heading', { name: 'Nobody can sign in yet' }).waitFor()
    expect(await seriousViolations(early.page)).toEqual([])
    await early.context.close()

    const ada = await openPage(browser)
    await setUp(ada.page, setUpLink)
    const guide = ada.page.getByRole('region', { name: 'First minute' })
    await guide.getByText('Press “Use now”').waitFor()
    expect(await seriousViolations(ada.page)).toEqual([])
    await doTheMainJob(ada.page)
    await guide.getByText('That was the whole job.').waitFor()
    await guide.getByRole('button', { name: 'Done' }).click()
    await ada.page.getByRole('button', { name: 'Release' }).click()
    await ada.page.getByRole('button', { name: 'Use now' }).waitFor()

    const link = await invite(ada.page, { name: 'Bo Turner', login: 'bo', role: 'operator' })
    expect(await seriousViolations(ada.page)).toEqual([])
    const bo = await openPage(browser)
    await acceptInvitation(bo.page, { link, password: 'harbour violin sand' })
    expect(new URL(bo.page.url()).hash).toBe('')
    expect(await bo.page.getByRole('link', { name: 'People' }).count()).toBe(0)
    await doTheMainJob(bo.page)
    await ada.page.getByRole('link', { name: /^Lab/ }).click()
    await ada.page.getByText(/^Bo Turner until/).waitFor()
    await bo.page.getByRole('button', { name: 'Release' }).click()
    await bo.page.getByRole('button', { name: 'Use now' }).waitFor()

    await ada.page.getByRole('link', { name: 'People' }).click()
    await disable(ada.page, 'Bo Turner')
    await bo.page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 5000 })
    expect(new URL(bo.page.url()).pathname).toBe('/boards/sim0')
    await bo.page.goto(link)
    await bo.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    expect(await seriousViolations(bo.page)).toEqual([])
    expect(unexpected(ada.mistakes)).toEqual([])
  })

  it('sign in where they are, and out again', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const { page } = await openPage(browser)
    await page.goto(`${server.url}/sessions?board=sim0`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.getByLabel('Login').fill(server.person.login)
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('The sign-in failed').waitFor()
    await page.getByRole('textbox', { name: 'Password' }).fill(server.person.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Sessions' }).waitFor()
    expect(page.url()).toBe(`${server.url}/sessions?board=sim0`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  it('keep their own tokens, browsers and password', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const other = await openSignedIn(browser, server)
    await other.page.goto(server.url)
    await other.page.getByRole('list', { name: 'Boards' }).waitFor()
    const { page, context, mistakes } = await openPage(browser)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`${server.url}/account`)
    await page.getByLabel('Login').fill(server.person.login)
    await page.getByRole('textbox', { name: 'Password' }).fill(server.person.password)
    await page.keyboard.press('Enter')

    await page.getByRole('button', { name: 'Make a token' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What it is for').fill('nightly')
    expect(await seriousViolations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Make', exact: true }).click()
    await page.getByRole('button', { name: 'Copy: the token' }).click()
    // Written out: these tests are compiled without the browser's types.
    const token = await page.evaluate('navigator.clipboard.readText()')
    const asToken = () =>
      fetch(`${server.url}/api/v1/boards`, { headers: { authorization: `Bearer ${token}` } })
    expect((await asToken()).status).toBe(200)
    expect(await seriousViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Revoke nightly' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('listitem', { name: 'nightly' }).waitFor({ state: 'detached' })
    expect((await asToken()).status).toBe(401)

    await page.getByLabel('Current password', { exact: true }).fill('not this one')
    await page.getByLabel('New password', { exact: true }).fill('harbour violin sand')
    await page.keyboard.press('Enter')
    await page.getByText('Your current password is another one.').waitFor()
    await page.getByLabel('Current password', { exact: true }).fill(server.person.password)
    await page.keyboard.press('Enter')
    await page.getByText('Changed. Other browsers are signed out.').waitFor()
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 5000 })
    await page.getByText('1 sign-in', { exact: true }).waitFor()
    expect(unexpected(mistakes)).toEqual([])
  })

  it('see what their role lets them, at once when it changes', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const ada = await openSignedIn(browser, server)
    await ada.page.goto(server.url)
    const link = await invite(ada.page, { name: 'Vera Lund', login: 'vera', role: 'viewer' })
    const vera = await openPage(browser)
    await acceptInvitation(vera.page, { link, password: 'harbour violin sand' })
    await vera.page.getByRole('button', { name: 'Open bench' }).first().waitFor()
    expect(await vera.page.getByRole('button', { name: 'Use now' }).count()).toBe(0)
    await vera.page.goto(`${server.url}/people`)
    await vera.page.getByText('This screen is for administrators').waitFor()
    await vera.page.getByRole('link', { name: /^Lab/ }).click()

    await ada.page.getByRole('button', { name: 'Change Vera Lund' }).click()
    const dialog = ada.page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'operator' }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await vera.page.getByRole('button', { name: 'Use now' }).first().waitFor({ timeout: 5000 })

    await ada.page.getByRole('button', { name: 'Change Ada Keeper' }).click()
    await dialog.getByRole('radio', { name: 'viewer' }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('The last administrator stays').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()

    await server.api('/boards/sim0/lease', {})
    const body = { kind: 'scatterGather', byteLength: 4096, direction: 'fromDevice', options: [] }
    const { id } = await server.api<{ id: string }>('/boards/sim0/locks', body)
    await vera.page.goto(`${server.url}/sessions/${id}`)
    await vera.page.getByText("This session is somebody else's").waitFor()
  })
})
