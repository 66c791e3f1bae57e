// Signing in with a real OpenID provider, which runs here as a server of its own. The browser's part is played by `Browser`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Oidc from 'oidc-provider'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Me } from '../../../server/contract/identity.ts'
import { addPerson, changePerson } from '../../../server/identity/identity-store.ts'
import type { ProviderSettings } from '../../../server/provider-settings.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const clientSecret = 'a secret between the two'

/** Accounts are named by their login; its mail address is verified unless the login begins with `un`. */
async function startProvider(port: number) {
  const callback = `http://127.0.0.1:${port}/api/v1/provider/callback`
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Oidc(issuer, {
    clients: [
      {
        client_id: 'pinlab',
        client_secret: clientSecret,
        redirect_uris: [callback],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['for tests'] },
    findAccount: async (_: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        name: `Name of ${id}`,
        email: `${id}@example.org`,
        email_verified: !id.startsWith('un'),
      }),
    }),
  })
  server.on('request', provider.callback())
  return issuer
}

/** Follows redirects, keeps cookies of each site, and fills in the provider's two forms. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()

  constructor(private readonly login: string) {}

  async visit(url: string): Promise<{ url: string; answer: Response }> {
    let answer = await this.#ask(url)
    let at = url
    for (let step = 0; step < 20; step++) {
      const next = answer.headers.get('location')
      if (next) {
        at = new URL(next, at).href
        answer = await this.#ask(at)
        continue
      }
      const form = /<form[^>]*action="([^"]+)"/.exec(await answer.clone().text())?.[1]
      if (!form || !at.includes('/interaction/')) break
      const prompt = /name="prompt" value="(\w+)"/.exec(await answer.clone().text())?.[1] ?? ''
      at = new URL(form, at).href
      answer = await this.#ask(at, { prompt, login: this.login, password: 'any' })
    }
    return { url: at, answer }
  }

  async #ask(url: string, form?: Record<string, string>): Promise<Response> {
    const { origin } = new URL(url)
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }

  async me(lab: string): Promise<Me & { code?: string }> {
    return (await this.#ask(`${lab}/api/v1/me`)).json() as Promise<Me & { code?: string }>
  }
}

async function openLabWithProvider(newPeople: ProviderSettings['newPeople']) {
  const provider: ProviderSettings = {
    issuer: new URL('http://127.0.0.1:1'),
    clientId: 'pinlab',
    clientSecret,
    name: 'University',
    newPeople,
  }
  const lab = await openLab({ provider })
  await lab.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = lab.app.server.address() as AddressInfo
  provider.issuer = new URL(await startProvider(port))
  return { lab, url: `http://127.0.0.1:${port}` }
}

const begin = (url: string, returnTo = '/boards/sim0') =>
  `${url}/api/v1/provider/start?returnTo=${encodeURIComponent(returnTo)}`

function invite(lab: TestLab, login: string) {
  return lab.database.write((tx) =>
    addPerson(tx, { login, name: 'Invited', role: 'operator', createdAt: new Date() }),
  )
}

describe('signing in with an OpenID provider', () => {
  // It says at each start that it is set up for tests.
  beforeAll(() => {
    for (const level of ['info', 'warn'] as const)
      vi.spyOn(console, level).mockImplementation(() => {})
  })

  it('lets in whom the lab invited by a verified address, and knows them again', async () => {
    const { lab, url } = await openLabWithProvider('refuse')
    const invited = await invite(lab, 'carol@example.org')
    const browser = new Browser('carol')
    expect((await browser.visit(begin(url))).url).toBe(`${url}/boards/sim0`)
    expect(await browser.me(url)).toMatchObject({ id: invited?.id, role: 'operator' })

    const elsewhere = new Browser('carol')
    await elsewhere.visit(begin(url))
    expect((await elsewhere.me(url)).id).toBe(invited?.id)

    // Before what is hard to undo, the provider asks again though it knows the browser.
    const again = `${begin(url)}&again=true`
    const { headers } = await fetch(again, { redirect: 'manual' })
    expect(new URL(headers.get('location') ?? '').searchParams.get('prompt')).toBe('login')
    expect((await elsewhere.visit(again)).url).toBe(`${url}/boards/sim0`)
  })

  it('refuses strangers, unverified addresses and accounts that have a password here', async () => {
    const { lab, url } = await openLabWithProvider('refuse')
    await invite(lab, 'unproven@example.org')
    const owner = await invite(lab, 'owner@example.org')
    await lab.database.write((tx) =>
      changePerson(tx, owner?.id ?? '', { passwordHash: 'has a password' }),
    )
    for (const login of ['stranger', 'unproven', 'owner']) {
      const browser = new Browser(login)
      const { url: end } = await browser.visit(begin(url))
      expect(end).toBe(`${url}/?signInProblem=PINLAB_PROVIDER_UNKNOWN`)
      expect((await browser.me(url)).code).toBe('PINLAB_SIGN_IN_REQUIRED')
    }
  })

  it('makes people of strangers where the lab says so, with that role', async () => {
    const { url } = await openLabWithProvider('viewer')
    const browser = new Browser('dave')
    await browser.visit(begin(url))
    expect(await browser.me(url)).toMatchObject({
      login: 'dave@example.org',
      name: 'Name of dave',
      role: 'viewer',
      hasPassword: false,
    })
  })

  it('does not let in a disabled person', async () => {
    const { lab, url } = await openLabWithProvider('viewer')
    const browser = new Browser('erin')
    await browser.visit(begin(url))
    const { id } = await browser.me(url)
    const { body } = await lab.get<{ version: number }>(`/users/${id}`)
    const disabled = await lab.send(
      'PATCH',
      `/users/${id}`,
      { disabled: true },
      {
        'if-match': `"${body.version}"`,
      },
    )
    expect(disabled.status).toBe(200)
    expect((await browser.me(url)).code).toBe('PINLAB_SIGN_IN_REQUIRED')
    const { url: end } = await new Browser('erin').visit(begin(url))
    expect(end).toContain('PINLAB_PERSON_DISABLED')
  })

  it('takes an answer only in the browser that asked, once, and returns nowhere else', async () => {
    const { url } = await openLabWithProvider('viewer')
    const departed = await fetch(begin(url), { redirect: 'manual' })
    const state = new URL(departed.headers.get('location') ?? '').searchParams.get('state')
    const forged = `${url}/api/v1/provider/callback?code=stolen&state=${state}`
    const { url: end } = await new Browser('mallory').visit(forged)
    expect(end).toContain('PINLAB_PROVIDER_FAILED')
    for (const elsewhere of [
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'https://evil.example',
    ]) {
      expect((await fetch(begin(url, elsewhere), { redirect: 'manual' })).status).toBe(400)
    }
  })

  it('says so where the provider does not answer', async () => {
    const provider: ProviderSettings = {
      issuer: new URL('http://127.0.0.1:9'),
      clientId: 'pinlab',
      clientSecret: null,
      name: 'University',
      newPeople: 'refuse',
    }
    const lab = await openLab({ provider })
    expect((await lab.get('/login')).body).toMatchObject({ provider: { name: 'University' } })
    const answer = await lab.get('/provider/start')
    expect([answer.status, answer.headers.location]).toEqual([
      302,
      '/?signInProblem=PINLAB_PROVIDER_FAILED',
    ])
  })
})
