// Every route and every live message, as every role, by browser and by token: the documents, the code and the answers agree.

import type { InjectOptions } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { roles, type Scope, scopes } from '../../../server/contract/identity.ts'
import { ClientMessage } from '../../../server/contract/live.ts'
import { permissionTable } from '../../../server/identity/permissions.ts'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { connectLive } from '../../support/live-url.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import {
  documentedMessages,
  documentedPermissions,
  documentedRoutes,
  documentedWatching,
  isDocumented,
} from '../../support/permission-tables.ts'
import { TestBrowser } from '../../support/test-browser.ts'
import { sharedLab } from '../../support/test-lab.ts'

useCheapHashes()
const lab = sharedLab()

interface Asker {
  person: TestPerson
  scopes: readonly Scope[] | null
}
const askers: Asker[] = []

beforeAll(async () => {
  for (const role of roles) {
    askers.push({ person: await addTestPerson(lab().database, role), scopes: null })
    for (const held of [...scopes.map((scope) => [scope]), [...scopes]]) {
      askers.push({ person: await addTestPerson(lab().database, role, held), scopes: held })
    }
  }
}, 60_000)

const nameOf = ({ person, scopes: held }: Asker) =>
  `${person.role} ${held ? `by a token for ${held.join(', ')}` : 'by browser'}`

describe('the documents', () => {
  it('have the permissions of the code', () => {
    const inCode = Object.entries(permissionTable).map(([permission, grant]) => ({
      permission,
      roles: [...grant.roles],
      scope: grant.scope,
    }))
    expect(documentedPermissions).toEqual(inCode)
  })

  it('have every route of the server with its permission', () => {
    const isPage = ({ url }: { url: string }) => !/^\/(api\/v1|metrics)/.test(url)
    const all = lab().app.permissionsOfRoutes()
    for (const page of all.filter(isPage)) expect(page.permission, page.url).toBe('public')
    const text = ({ method, url, permission }: (typeof all)[number]) =>
      `${method} ${url} ${permission}`
    const routes = all.filter((route) => !isPage(route) && route.method !== 'HEAD').map(text)
    expect(documentedRoutes.map((route) => text(route as (typeof all)[number])).sort()).toEqual(
      routes.sort(),
    )
  })

  it('have every HEAD with the permission of its GET', () => {
    const all = lab().app.permissionsOfRoutes()
    for (const head of all.filter(({ method }) => method === 'HEAD')) {
      const get = all.find(({ method, url }) => method === 'GET' && url === head.url)
      if (get) expect(head.permission, head.url).toBe(get.permission)
    }
  })

  it('have every live message', () => {
    const ops = ClientMessage.anyOf.map(({ properties }) => properties.op.const)
    expect([...documentedMessages.keys()].sort()).toEqual([...ops].sort())
  })
})

describe('each route answers as the documents say', () => {
  const refusals = ['PINLAB_PERMISSION_DENIED', 'PINLAB_SIGN_IN_REQUIRED']
  const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'

  /** Of something that does not exist, so that nothing is changed by who may. */
  function requestOf({ method, url }: { method: string; url: string }): InjectOptions {
    const path = url.replace(':id', nobody).replace(':board', 'no-such-board').replace(':n', '1')
    // Without a session it is for those who may read all.
    const query = url.endsWith('/audit/export') ? `?session=${nobody}` : ''
    const isWrite = method !== 'GET' && method !== 'DELETE'
    return {
      method: method as 'GET',
      url: `${path}${query}`,
      ...(isWrite ? { payload: {} } : {}),
    } as InjectOptions
  }

  async function ask(request: InjectOptions, { person, scopes: held }: Asker) {
    if (held) {
      const authorization = `Bearer ${person.token}`
      return lab().app.inject({ ...request, headers: { host: '127.0.0.1', authorization } })
    }
    const browser = new TestBrowser(lab().app)
    browser.cookie = await cookieOf(person)
    const headers = { host: '127.0.0.1', origin: 'http://127.0.0.1', cookie: browser.cookie }
    return lab().app.inject({ ...request, headers })
  }

  const cookies = new Map<string, string>()
  async function cookieOf(person: TestPerson): Promise<string> {
    const known = cookies.get(person.id)
    if (known) return known
    const browser = new TestBrowser(lab().app)
    expect((await browser.signIn(person)).status).toBe(200)
    cookies.set(person.id, browser.cookie)
    return browser.cookie
  }

  it.each(documentedRoutes)('$method $url is for $permission', async (route) => {
    const request = requestOf(route)
    const anonymous = await lab().app.inject({ ...request, headers: { host: '127.0.0.1' } })
    if (route.permission === 'public') expect([401, 403]).not.toContain(anonymous.statusCode)
    else expect(anonymous.json().code).toBe('PINLAB_SIGN_IN_REQUIRED')

    for (const asker of askers) {
      const answer = await ask(request, asker)
      const isJson = String(answer.headers['content-type']).includes('json')
      const code = isJson ? answer.json().code : undefined
      const expected = isDocumented(route.permission, {
        role: asker.person.role,
        scopes: asker.scopes,
      })
      if (expected) {
        expect(refusals, nameOf(asker)).not.toContain(code)
      } else {
        expect(code, nameOf(asker)).toBe('PINLAB_PERMISSION_DENIED')
      }
      if (route.url.endsWith('/logout')) cookies.delete(asker.person.id)
    }
  })
})

describe('each live message is answered as the documents say', () => {
  let lease = ''
  let session = ''
  beforeAll(async () => {
    lease = (await lab().take()).id
    session = (await lab().lock({ byteLength: 4096 })).id
  })

  it('to every role and scope', async () => {
    for (const { person, scopes: held } of askers.filter((asker) => asker.scopes)) {
      const name = nameOf({ person, scopes: held })
      const may = (message: string) =>
        isDocumented(documentedMessages.get(message) ?? '', { role: person.role, scopes: held })
      if (!may('watch')) {
        await expect(connectLive(lab(), person), name).rejects.toThrow('403')
        continue
      }
      const client = await connectLive(lab(), person)
      client.send({ op: 'watch', id: 1, board: 'sim0' })
      await client.message('event', 1)
      client.send({ op: 'view', id: 2, session, kind: 'bytes', byteLength: 256 })
      expect(await client.codeOf(2), name).toBe(
        may('view') ? 'PINLAB_LEASE_REQUIRED' : 'PINLAB_PERMISSION_DENIED',
      )
      client.send({ op: 'ack', acks: [{ stream: 1, seq: 1 }] })
      client.send({ op: 'close', id: 1 })
      await client.message('closed', 1)
      client.socket.close()
    }
  })

  it('to every role and scope, of a lease that everyone may watch', async () => {
    await lab().send('PUT', `/leases/${lease}/watching`, { watchable: true })
    for (const { person, scopes: held } of askers.filter((asker) => asker.scopes)) {
      const needed = documentedWatching.get('view') ?? ''
      if (!isDocumented(needed, { role: person.role, scopes: held })) continue
      const client = await connectLive(lab(), person)
      client.send({ op: 'view', id: 2, session, kind: 'bytes', byteLength: 256 })
      await client.message('opened', 2)
      client.socket.close()
    }
  })
})
