// Ids of what is somebody else's (CVE-2026-32230, CVE-2021-39226): known, and of no use.

import { beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../../../server/contract/dma-session.ts'
import { useCheapHashes } from '../../../support/cheap-hashes.ts'
import { connectLive } from '../../../support/live-url.ts'
import { addTestPerson, type TestPerson } from '../../../support/people.ts'
import { browserOf, type TestBrowser } from '../../../support/test-browser.ts'
import { sharedLab, type TestLab } from '../../../support/test-lab.ts'

useCheapHashes()
const lab = sharedLab()

let holder: TestLab
let others: Record<'operator' | 'admin' | 'auditor' | 'viewer', TestPerson>
let browser: TestBrowser
let lease: string
let session: string
let token: string
let signIn: string

beforeAll(async () => {
  const add = (role: TestPerson['role']) => addTestPerson(lab().database, role)
  const person = await add('operator')
  holder = lab().as(person)
  others = {
    operator: await add('operator'),
    admin: await add('admin'),
    auditor: await add('auditor'),
    viewer: await add('viewer'),
  }
  lease = (await holder.take()).id
  session = (await holder.lock({ byteLength: 64 * 1024 })).id
  await holder.playRecording(1_000_000)
  const ring = { mode: 'cyclic', byteLength: 64 * 1024, blockByteLength: 16 * 1024 }
  await holder.start(session, ring)
  const owner = await browserOf(lab().app, person)
  signIn = (await owner.send<{ signIn: string }>('GET', '/me')).body.signIn
  const wanted = { name: 'x', scopes: ['read'] }
  token = (await owner.send<{ id: string }>('POST', '/me/tokens', wanted)).body.id
  browser = await browserOf(lab().app, others.operator)
}, 60_000)

const of = (role: keyof typeof others) => lab().as(others[role])
const octets = { 'content-type': 'application/octet-stream' }

describe('the board, memory and transfers of somebody else', () => {
  const tries = () =>
    [
      ['POST', `/leases/${lease}/release`, {}],
      ['POST', '/boards/sim0/locks', { kind: 'contiguous', byteLength: 4096, options: [] }],
      [
        'POST',
        '/boards/sim0/register-operations',
        { operations: [{ op: 'read', register: 'ID' }] },
      ],
      ['POST', `/dma-sessions/${session}/unlock`, {}],
      ['POST', `/dma-sessions/${session}/sync`, { for: 'cpu' }],
      ['POST', `/dma-sessions/${session}/fill`, { pattern: 'zero' }],
      [
        'POST',
        `/dma-sessions/${session}/transfers`,
        { channel: 'h2c1', mode: 'once', byteLength: 64 },
      ],
      ['POST', `/dma-sessions/${session}/transfers/1/stop`, {}],
      ['GET', `/dma-sessions/${session}/data`, undefined],
      ['POST', `/dma-sessions/${session}/search`, { bytes: '00' }],
      ['PUT', `/dma-sessions/${session}/data`, 'mine'],
    ] as const

  it.each(['operator', 'admin'] as const)('need the lease, from an %s too', async (role) => {
    for (const [method, url, body] of tries()) {
      const answer = await of(role).send(method, url, body, method === 'PUT' ? octets : {})
      expect(answer.body.code, `${method} ${url}`).toBe('PINLAB_LEASE_REQUIRED')
    }
  })

  it.each(['viewer', 'auditor'] as const)('are not for a %s at all', async (role) => {
    for (const [method, url, body] of tries()) {
      const answer = await of(role).send(method, url, body, method === 'PUT' ? octets : {})
      expect(answer.body.code, `${method} ${url}`).toBe('PINLAB_PERMISSION_DENIED')
    }
  })

  it('are as they were after all that', async () => {
    const { body } = await holder.get<DmaSession>(`/dma-sessions/${session}`)
    expect(body).toMatchObject({ state: 'locked', transferCount: 1 })
    expect(body.transfers[0]?.state).toBe('running')
  })
})

describe('the record of somebody else', () => {
  const urls = () =>
    ['', '/transfers', '/transfers/1'].map((end) => `/dma-sessions/${session}${end}`)

  it('is read by administrators and auditors, and by nobody else', async () => {
    for (const url of urls()) {
      for (const role of ['admin', 'auditor'] as const) {
        expect((await of(role).get(url)).status, `${role} ${url}`).toBe(200)
      }
      for (const role of ['operator', 'viewer'] as const) {
        expect((await of(role).get(url)).body.code).toBe('PINLAB_PERMISSION_DENIED')
      }
    }
  })

  it('is in no list of others, whoever they ask for', async () => {
    const list = async (role: keyof typeof others) =>
      (
        await of(role).get<{ items: { id: string }[] }>(
          `/dma-sessions?owner=${holder.person.id}&board=sim0`,
        )
      ).body.items.map(({ id }) => id)
    expect(await list('auditor')).toEqual([session])
    expect(await list('operator')).toEqual([])
    expect(await list('viewer')).toEqual([])
  })
})

describe('a view of somebody else’s memory', () => {
  it.each([
    ['operator', 'PINLAB_LEASE_REQUIRED'],
    ['admin', 'PINLAB_LEASE_REQUIRED'],
    ['auditor', 'PINLAB_PERMISSION_DENIED'],
    ['viewer', 'PINLAB_PERMISSION_DENIED'],
  ] as const)('is refused to an %s', async (role, code) => {
    const client = await connectLive(lab(), others[role])
    for (const [id, kind] of [
      [1, 'bytes'],
      [2, 'wave'],
    ] as const) {
      client.send({ op: 'view', id, session, kind, byteLength: 256 })
      expect(await client.codeOf(id)).toBe(code)
    }
    expect(client.frames).toEqual([])
    client.socket.close()
  })

  it('is not to be had with a token that has no scope for it', async () => {
    const reader = await addTestPerson(lab().database, 'operator', ['read'])
    const client = await connectLive(lab(), reader)
    client.send({ op: 'watch', id: 1, board: 'sim0' })
    await client.message('event', 1)
    client.send({ op: 'view', id: 2, session, kind: 'bytes', byteLength: 256 })
    expect(await client.codeOf(2)).toBe('PINLAB_PERMISSION_DENIED')
    client.socket.close()
  })
})

describe('tokens and sign-ins of somebody else', () => {
  it('are unknown, to administrators too', async () => {
    const admin = await browserOf(lab().app, others.admin)
    for (const asker of [browser, admin]) {
      const revoke = await asker.send('DELETE', `/me/tokens/${token}`)
      expect(revoke.body.code).toBe('PINLAB_TOKEN_UNKNOWN')
      const end = await asker.send('DELETE', `/me/sessions/${signIn}`)
      expect(end.body.code).toBe('PINLAB_SIGN_IN_UNKNOWN')
      for (const path of ['/me/tokens', '/me/sessions']) {
        const { bytes } = await asker.send('GET', path)
        expect(bytes.toString()).not.toMatch(new RegExp(`${token}|${signIn}`))
      }
    }
  })
})
