// No secret in any log, whatever goes right or wrong.

import { expect, it } from 'vitest'
import { hashOf } from '../../../../server/identity/secrets.ts'
import { useCheapHashes } from '../../../support/cheap-hashes.ts'
import { connectLive, listen } from '../../../support/live-url.ts'
import { TestBrowser } from '../../../support/test-browser.ts'
import { openLab } from '../../../support/test-lab.ts'

useCheapHashes()

/** Keeps all that is said, at the finest level. */
function newLog() {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  return { lines, logger: { level: 'trace', stream } }
}

const passwords = ['copper lantern fjord', 'walnut harbour eleven', 'granite willow seven']

it('over a life of set-up, signing in, tokens, links and refusals', async () => {
  const { lines, logger } = newLog()
  const lab = await openLab({ isEmpty: true, logger })
  const [first = '', second = '', third = ''] = passwords
  const secrets = [...passwords, lab.setUpToken]
  const admin = new TestBrowser(lab.app)
  const ada = { login: 'ada', name: 'Ada Keeper', password: first }
  await admin.send('POST', '/setup', { token: 'not the set-up token at all', ...ada })
  expect((await admin.send('POST', '/setup', { token: lab.setUpToken, ...ada })).status).toBe(201)
  secrets.push(secretIn(admin), 'not the set-up token at all')

  const made = await admin.send<{ id: string; token: string }>('POST', '/me/tokens', {
    name: 'script',
    scopes: ['read', 'control'],
  })
  secrets.push(made.body.token, made.body.token.slice(-43))
  const authorization = `Bearer ${made.body.token}`
  await admin.send('GET', '/me', undefined, { authorization })
  await admin.send('GET', '/me', undefined, { authorization: `${authorization}x` })
  const client = await connectLive(lab, { token: made.body.token })
  client.socket.send(made.body.token)
  await client.message('error')
  const origin = `http://${await listen(lab)}`
  const live = await connectLive(lab, { headers: { cookie: admin.cookie, origin } })
  await live.message('hello')
  const foreign = { cookie: admin.cookie, origin: 'https://elsewhere.example' }
  await expect(connectLive(lab, { headers: foreign })).rejects.toThrow('403')

  type Invited = { person: { id: string }; link: { path: string } }
  const ben = { login: 'ben', name: 'Ben', role: 'operator' }
  const invited = (await admin.send<Invited>('POST', '/users', ben)).body
  const token = invited.link.path.split('#')[1] ?? ''
  secrets.push(token)
  const browser = new TestBrowser(lab.app)
  await browser.send('POST', '/links/look', { token })
  await browser.send('POST', '/links/use', { token, password: 'short1' })
  await browser.send('POST', '/links/use', { token, password: second })
  await browser.send('POST', '/links/use', { token, password: second })
  secrets.push(secretIn(browser))
  await browser.send('PUT', '/me/password', { current: second, next: third })
  await browser.send('PUT', '/me/password', { current: second, next: third })
  await browser.signIn(ben, second)
  await browser.signIn(ben, third)
  secrets.push(secretIn(browser))

  // What is malformed, too long or of another type is not repeated either.
  const json = { 'content-type': 'application/json' }
  await browser.send('POST', '/login', `{"login":"ben","password":"${third}`, json)
  await browser.send('POST', '/login', `{"login":"ben","password":"${third}"} x`, json)
  await browser.send('POST', '/login', { login: 'ben', password: third, [third]: 1 })
  await browser.send('POST', '/login', third, { 'content-type': 'text/plain' })
  await browser.send('POST', '/login', { login: 'ben', password: third.repeat(20) })
  await browser.send('POST', '/logout', {})

  const hashes = (await lab.database.reader.person.findMany()).map((row) => row.passwordHash ?? '')
  await lab.app.close()
  expect(lines.length).toBeGreaterThan(40)
  expectNone(lines, [...secrets, ...secrets.map(hashOf), ...hashes])
})

it('where the database or the hash fails', async () => {
  const { lines, logger } = newLog()
  const lab = await openLab({ logger })
  const secret = 'granite-willow-seven-granite-willow-seven-gra'
  const browser = new TestBrowser(lab.app)
  await browser.signIn(lab.person)
  const cookie = secretIn(browser)
  const { passwordHash } = (await lab.database.reader.person.findFirst()) ?? {}

  const broken = passwordHash?.slice(0, 40) ?? ''
  await lab.database.write(async (tx) => {
    await tx.person.updateMany({ data: { passwordHash: broken } })
    await tx.$executeRawUnsafe('ALTER TABLE OneTimeLink RENAME TO gone')
    await tx.$executeRawUnsafe('ALTER TABLE ApiToken RENAME TO gone_too')
  })
  const failures = [
    await browser.signIn(lab.person, secret),
    await browser.send('POST', '/links/look', { token: secret }),
    await browser.send('POST', '/me/tokens', { name: 'x', scopes: ['read'] }),
    await lab.get('/me'),
  ]
  for (const { status, body } of failures) {
    expect(status).toBeGreaterThanOrEqual(500)
    expect(JSON.stringify(body)).not.toMatch(/OneTimeLink|ApiToken|argon2|prisma/i)
  }
  await lab.database.write((tx) =>
    tx.$executeRawUnsafe('ALTER TABLE SignIn RENAME TO gone_as_well'),
  )
  const fresh = new TestBrowser(lab.app)
  await lab.database.write((tx) =>
    tx.person.updateMany({ data: { passwordHash: passwordHash ?? null } }),
  )
  expect((await fresh.signIn(lab.person)).status).toBeGreaterThanOrEqual(500)
  fresh.cookie = `pinlab=${secret}`
  expect((await fresh.send('GET', '/me')).status).toBeGreaterThanOrEqual(500)

  expect(lines.filter((line) => line.includes('"level":50')).length).toBeGreaterThan(4)
  const { token } = lab.person
  const secrets = [secret, cookie, token, token.slice(-43), 'copper lantern fjord']
  expectNone(lines, [...secrets, ...secrets.map(hashOf), passwordHash ?? '', broken])
})

const secretIn = ({ cookie }: TestBrowser) => cookie.split('=')[1] ?? ''

function expectNone(lines: string[], secrets: string[]): void {
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10)
    const told = lines.filter((line) => line.includes(secret))
    expect(told, `“${secret.slice(0, 8)}…” is in the log`).toEqual([])
  }
}
