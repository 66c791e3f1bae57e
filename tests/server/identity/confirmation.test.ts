// What is hard to undo needs the password once more, where the sign-in is not fresh.

import { describe, expect, it } from 'vitest'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { testPassword } from '../../support/people.ts'
import { browserOf } from '../../support/test-browser.ts'
import { openLab } from '../../support/test-lab.ts'

useCheapHashes()

const minute = 60_000
const needed = 'PINLAB_CONFIRMATION_NEEDED'

/** Without the sweep of each second in between. */
function letPass(clock: FakeClock, ms: number) {
  clock.moveWall(ms)
  clock.acceptStep()
}

async function openAdmin() {
  const clock = new FakeClock()
  const lab = await openLab({ clock })
  return { lab, clock, browser: await browserOf(lab.app, lab.person) }
}

const invite = (login: string) => ['/users', { login, name: login, role: 'viewer' }] as const

describe('a sign-in of a while ago', () => {
  it('does not rule the lab until the password was given once more', async () => {
    const { browser, clock, lab } = await openAdmin()
    expect((await browser.send('POST', ...invite('one@lab'))).status).toBe(201)
    letPass(clock, 15 * minute)
    const refused = await browser.send('POST', ...invite('two@lab'))
    expect(refused).toMatchObject({ status: 403, body: { code: needed } })
    // Reading, and one's own work, go on.
    expect((await browser.send('GET', '/users')).status).toBe(200)
    expect((await browser.send('POST', '/boards/sim0/lease', {})).body).toMatchObject({
      state: 'active',
    })

    const wrong = await browser.send('POST', '/me/confirm', { password: 'not it, not it' })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'PINLAB_SIGN_IN_FAILED' } })
    expect((await browser.send('POST', ...invite('two@lab'))).body).toMatchObject({ code: needed })
    const right = await browser.send('POST', '/me/confirm', { password: testPassword })
    expect(right.status).toBe(204)
    expect((await browser.send('POST', ...invite('two@lab'))).status).toBe(201)
    const told = await lab.database.reader.auditEvent.findMany({
      where: { type: { in: ['person.confirmed', 'person.sign-in-failed'] } },
      orderBy: { seq: 'asc' },
    })
    expect(told.map(({ type }) => type)).toEqual(['person.sign-in-failed', 'person.confirmed'])
    letPass(clock, 15 * minute)
    expect((await browser.send('POST', ...invite('three@lab'))).body).toMatchObject({
      code: needed,
    })
  })

  it('is not made good by another browser of the same person, and guesses are counted', async () => {
    const { browser, clock, lab } = await openAdmin()
    const other = await browserOf(lab.app, lab.person)
    letPass(clock, 15 * minute)
    const confirmed = await other.send('POST', '/me/confirm', { password: testPassword })
    expect(confirmed.status).toBe(204)
    expect((await browser.send('POST', ...invite('one@lab'))).body).toMatchObject({ code: needed })
    const codes: unknown[] = []
    for (let i = 0; i < 6; i++) {
      const { body } = await browser.send<{ code: string }>('POST', '/me/confirm', {
        password: `guess number ${i}`,
      })
      codes.push(body.code)
    }
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('PINLAB_SIGN_IN_FAILED'))
    expect(codes[5]).toBe('PINLAB_SIGN_IN_TOO_MANY')
  })
})

it('is asked for by each route that the documents name, and not of tokens', async () => {
  const { browser, clock, lab } = await openAdmin()
  letPass(clock, 15 * minute)
  const id = '01890a5d-ac96-774b-bcce-b302099a8057'
  for (const [method, path] of [
    ['POST', '/users'],
    ['PATCH', `/users/${id}`],
    ['POST', `/users/${id}/link`],
    ['POST', '/me/tokens'],
    ['PATCH', '/policy'],
    ['POST', '/boards/sim0/clear-quarantine'],
    ['POST', '/audit/key'],
    ['POST', '/audit/prune'],
    ['POST', '/audit/erase'],
  ] as const) {
    const { status, body } = await browser.send<{ code: string }>(method, path, {})
    expect([path, status, body.code]).toEqual([path, 403, needed])
  }
  expect((await lab.post(...invite('one@lab'))).status).toBe(201)
})
