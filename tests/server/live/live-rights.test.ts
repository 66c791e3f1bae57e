// Views of those who may not see the bytes any more, on a real lab.

import { beforeEach, describe, expect, it } from 'vitest'
import type { LiveClient } from '../../support/live-client.ts'
import { connectLive } from '../../support/live-url.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

let lab: TestLab
let lease: string
let session: string
let member: TestPerson
let viewer: TestPerson

beforeEach(async () => {
  lab = await openLab()
  member = await addTestPerson(lab.database, 'operator')
  viewer = await addTestPerson(lab.database, 'viewer')
  lease = (await lab.take()).id
  session = (await lab.lock({ byteLength: 4096 })).id
}, 60_000)

const letWatch = (watchable: boolean) => lab.send('PUT', `/leases/${lease}/watching`, { watchable })
const setMembers = (...logins: string[]) => lab.send('PUT', `/leases/${lease}/members`, { logins })

function view(client: LiveClient, id = 1) {
  client.send({ op: 'view', id, session, kind: 'bytes', byteLength: 256 })
}

async function watching(person: TestPerson): Promise<LiveClient> {
  const client = await connectLive(lab, person)
  view(client)
  await client.message('opened', 1)
  return client
}

const isOpen = async (client: LiveClient) => {
  await client.settled()
  return !client.messages.some(({ op }) => op === 'closed')
}

describe('a lease that everyone may watch', () => {
  it('is seen by everyone signed in, whose views end when the holder takes it back', async () => {
    const before = await connectLive(lab, viewer)
    view(before)
    expect(await before.codeOf(1)).toBe('PINLAB_PERMISSION_DENIED')
    await letWatch(true)
    const watcher = await watching(viewer)
    const holder = await watching(lab.person)
    view(watcher, 2)
    await watcher.message('opened', 2)
    await letWatch(false)
    for (const id of [1, 2]) {
      expect(await watcher.message('closed', id)).toMatchObject({ reason: 'right-lost' })
    }
    const frames = watcher.frames.length
    await lab.post(`/dma-sessions/${session}/fill`, { pattern: 'counter' })
    expect(await isOpen(holder)).toBe(true)
    await watcher.settled()
    expect(watcher.frames.length).toBe(frames)
    view(watcher, 3)
    expect(await watcher.codeOf(3)).toBe('PINLAB_PERMISSION_DENIED')
  })

  it('gives nobody its bytes but by views', async () => {
    await letWatch(true)
    for (const person of [viewer, member]) {
      const { body } = await lab.as(person).get(`/dma-sessions/${session}/data`)
      expect(['PINLAB_PERMISSION_DENIED', 'PINLAB_LEASE_REQUIRED']).toContain(body.code)
    }
    await setMembers(member.login)
    expect((await lab.as(member).get(`/dma-sessions/${session}/data`)).status).toBe(200)
  })
})

describe('a member', () => {
  it('who is none any more loses their views, and the others keep theirs', async () => {
    const other = await addTestPerson(lab.database, 'operator')
    await setMembers(member.login, other.login)
    const [gone, kept, holder] = [
      await watching(member),
      await watching(other),
      await watching(lab.person),
    ]
    await setMembers(other.login)
    expect(await gone.message('closed', 1)).toMatchObject({ reason: 'right-lost' })
    expect(await isOpen(kept)).toBe(true)
    expect(await isOpen(holder)).toBe(true)
  })

  it('keeps their views where everyone may watch', async () => {
    await setMembers(member.login)
    const client = await watching(member)
    await letWatch(true)
    await setMembers()
    expect(await isOpen(client)).toBe(true)
    await letWatch(false)
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'right-lost' })
  })

  it('keeps their views when the lease is extended', async () => {
    await setMembers(member.login)
    const client = await watching(member)
    expect((await lab.post(`/leases/${lease}/extend`, { minutes: 5 })).status).toBe(200)
    expect(await isOpen(client)).toBe(true)
  })
})

it('a view ends with its session when the lease ends, and nobody loses a right by that', async () => {
  const client = await watching(lab.person)
  await lab.post(`/leases/${lease}/release`)
  expect(await client.message('closed', 1)).toMatchObject({ reason: 'session-ended' })
})
