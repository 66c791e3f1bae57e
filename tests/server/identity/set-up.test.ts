import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { coded, from, hour, openIdentity } from '../../support/identity.ts'
import { TestBrowser } from '../../support/test-browser.ts'
import { openLab } from '../../support/test-lab.ts'

useCheapHashes()

const ada = { login: 'Ada', name: ' Ada Keeper ', password: 'copper lantern fjord' }
const wrong = 'A'.repeat(43)

async function begin() {
  const identity = await openIdentity()
  const token = (await identity.services.beginSetUp()) ?? ''
  return { ...identity, token, file: join(identity.dataFolder, 'setup-token') }
}

describe('the set-up token', () => {
  it('is 256 bits, in a file that only this user can read', async () => {
    const { token, file } = await begin()
    expect(Buffer.from(token, 'base64url').byteLength).toBe(32)
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('makes the first administrator once; then token, file and address are gone', async () => {
    const { services, token, file } = await begin()
    const { actor } = await services.people.setUp({ token, ...ada }, from())
    expect(actor).toMatchObject({ login: 'ada', name: 'Ada Keeper', role: 'admin' })
    expect(existsSync(file)).toBe(false)
    expect(services.setUp.isDue).toBe(false)
    await expect(
      services.people.setUp({ token, ...ada, login: 'eve' }, from()),
    ).rejects.toMatchObject(coded('PINLAB_ROUTE_UNKNOWN'))
  })

  it('is good for an hour', async () => {
    const { services, clock, token } = await begin()
    await clock.advance(hour - 1)
    expect(() => services.setUp.check(token)).not.toThrow()
    await clock.advance(1)
    expect(() => services.setUp.check(token)).toThrow(coded('PINLAB_SET_UP_TOKEN'))
  })

  it('is not guessed: each try counts for the address, and a wrong one costs no password hash', async () => {
    const { services } = await begin()
    const attempt = () => services.people.setUp({ token: wrong, ...ada }, from())
    for (let n = 0; n < 20; n += 1) {
      await expect(attempt()).rejects.toMatchObject(coded('PINLAB_SET_UP_TOKEN'))
    }
    await expect(attempt()).rejects.toMatchObject(coded('PINLAB_SIGN_IN_TOO_MANY'))
  })

  it('is a new one at each start, and none where somebody is there; a file left behind goes', async () => {
    const { services, token, file, add } = await begin()
    expect(await services.beginSetUp()).not.toBe(token)
    expect(() => services.setUp.check(token)).toThrow(coded('PINLAB_SET_UP_TOKEN'))
    await add('admin')
    expect(await services.beginSetUp()).toBeNull()
    expect(existsSync(file)).toBe(false)
  })

  it('refuses a weak password before it hashes, and is still good afterwards', async () => {
    const { services, token } = await begin()
    await expect(
      services.people.setUp({ token, ...ada, password: 'password123' }, from()),
    ).rejects.toMatchObject(coded('PINLAB_PASSWORD_WEAK'))
    expect(services.setUp.isDue).toBe(true)
  })
})

describe('the set-up over HTTP', () => {
  it('is won by one of ten at once, and answers 404 from then on', async () => {
    const lab = await openLab({ isEmpty: true })
    const attempts = Array.from({ length: 10 }, (_, n) =>
      new TestBrowser(lab.app).send('POST', '/setup', {
        token: lab.setUpToken,
        ...ada,
        login: `admin${n}`,
      }),
    )
    const answers = await Promise.all(attempts)
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(404)])
    expect(await lab.database.reader.person.count()).toBe(1)
    const late = await new TestBrowser(lab.app).send('POST', '/setup', {
      token: lab.setUpToken,
      ...ada,
    })
    expect([late.status, late.body.code]).toEqual([404, 'PINLAB_ROUTE_UNKNOWN'])
  })

  it('is over where somebody is there already, with a good token too', async () => {
    const lab = await openLab()
    const body = { token: lab.setUpToken, ...ada }
    const answer = await new TestBrowser(lab.app).send('POST', '/setup', body)
    expect([answer.status, answer.body.code]).toEqual([404, 'PINLAB_ROUTE_UNKNOWN'])
  })

  it('does not trust loopback: nothing but the token opens an empty lab', async () => {
    const lab = await openLab({ isEmpty: true })
    const browser = new TestBrowser(lab.app)
    expect((await browser.send('GET', '/login')).body).toMatchObject({ setUpDue: true })
    expect((await browser.send('GET', '/boards')).status).toBe(401)
    const answer = await browser.send('POST', '/setup', { token: wrong, ...ada })
    expect(answer.body.code).toBe('PINLAB_SET_UP_TOKEN')
    for (const login of ['admin', 'root', 'pinlab']) {
      const tried = await browser.signIn({ login }, login)
      expect(tried.body.code).toBe('PINLAB_SIGN_IN_FAILED')
    }
  })
})
