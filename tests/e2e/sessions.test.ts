// The record as an auditor meets it: finding a session, reading what happened, and taking a proof away.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckpointStatus } from '../../server/contract/audit.ts'
import type { DmaSession } from '../../server/contract/dma-session.ts'
import type { Invited } from '../../server/contract/identity.ts'
import type { Lease } from '../../server/contract/lease.ts'
import { launchChromium, openPage, seriousViolations } from '../support/browser.ts'
import { type BuiltServer, startBuiltServer } from '../support/built-server.ts'
import { testPassword } from '../support/people.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const chromiumPath = requireChromium()

/** Locks, moves, writes nothing down by hand: what the record has of it is what the server wrote. */
async function workOn({ api }: BuiltServer): Promise<DmaSession> {
  const lease = await api<Lease>('/boards/sim0/lease', {})
  const session = await api<DmaSession>('/boards/sim0/locks', {
    ...{
      kind: 'scatterGather',
      byteLength: 65536,
      direction: 'fromDevice',
      label: 'Run of the day',
    },
    ...{ options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'], maxPages: 64 },
  })
  await api(`/dma-sessions/${session.id}/transfers`, {
    ...{ channel: 'c2h1', mode: 'once', byteLength: 65536 },
  })
  await api(`/dma-sessions/${session.id}/transfers/1?waitSeconds=30`)
  await api(`/leases/${lease.id}/release`, {})
  return session
}

async function inviteAuditor({ url, api }: BuiltServer): Promise<void> {
  const { link } = await api<Invited>('/users', {
    ...{ login: 'aude', name: 'Aude Itor', role: 'auditor' },
  })
  const token = link.path.split('#')[1]
  const answer = await fetch(`${url}/api/v1/links/use`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ token, password: testPassword }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

describe.skipIf(chromiumPath === null)('the sessions screen', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('lets an auditor find a session, see its time and its proof, and keep the checkpoint', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const session = await workOn(server)
    await inviteAuditor(server)
    const { page, context, mistakes } = await openPage(browser)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await context.request.post(`${server.url}/api/v1/login`, {
      ...{ data: { login: 'aude', password: testPassword }, headers: { origin: server.url } },
    })

    // The filter is in the address, and finds in any case.
    await page.goto(`${server.url}/sessions`)
    await page.getByLabel('Label').fill('of THE')
    await page.waitForURL('**/sessions?label=of+THE')
    await page.getByLabel('Person').selectOption({ index: 1 })
    const found = page.getByRole('link', { name: 'Run of the day' })
    await found.waitFor()
    await page.getByLabel('Why it ended').selectOption('board-fault')
    await page.getByText('No session matches').waitFor()
    await page.getByLabel('Why it ended').selectOption('lease-ended')
    await found.waitFor()
    expect(await seriousViolations(page)).toEqual([])

    await found.click()
    await page.waitForURL(`**/sessions/${session.id}`)
    const happened = page.getByRole('list', { name: 'What happened' })
    for (const what of ['Lock requested', 'Lock granted', 'Transfer ended', 'Unlocked']) {
      await happened.getByText(what, { exact: true }).waitFor()
    }
    await happened.getByText('stopping', { exact: true }).waitFor()
    await page.getByRole('img', { name: /c2h1: no\. 1 done, 64 KiB/ }).waitFor()
    // The next checkpoint covers it all.
    await page.getByText(/all its \d+ events are signed/).waitFor({ timeout: 60_000 })
    const bundle = page.getByRole('link', { name: 'Bundle' })
    expect(await bundle.getAttribute('href')).toContain(`format=bundle&session=${session.id}`)
    expect(await seriousViolations(page)).toEqual([])

    await page.getByRole('button', { name: 'Checkpoint …' }).press('Enter')
    await page.getByRole('img', { name: 'The checkpoint as a QR code' }).waitFor()
    await page.getByRole('button', { name: 'Copy: the checkpoint' }).press('Enter')
    await page.getByText('Copied').first().waitFor()
    const { origin } = await server.api<CheckpointStatus>('/audit/checkpoint')
    // Written out: these tests are compiled without the browser's types.
    const kept = String(await page.evaluate('navigator.clipboard.readText()'))
    expect(kept).toMatch(new RegExp(`^${origin}\n\\d+\n[\\s\\S]+\n— `))
    expect(await seriousViolations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await page.getByRole('link', { name: 'All events' }).click()
    const events = page.getByRole('list', { name: 'Events' })
    await events.getByText('dma.lock.granted').click()
    await events.getByText('erased, or not for you to see').first().waitFor()
    await page.goto(`${server.url}/sessions?tab=events&type=lease.*`)
    await events.getByText('lease.started').waitFor()
    expect(await events.getByText('dma.lock.granted').count()).toBe(0)
    expect(await seriousViolations(page)).toEqual([])

    await page.getByRole('link', { name: 'Use', exact: true }).click()
    await page.getByRole('img', { name: /lines? over 30 days/ }).waitFor()
    await page.getByRole('row', { name: /sim0/ }).getByText('64 KiB').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    expect(mistakes).toEqual([])
  })
})
