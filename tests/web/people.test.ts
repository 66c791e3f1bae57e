import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Person } from '../../server/contract/identity.ts'
import { People } from '../../web/state/people.svelte.ts'

const vera = { id: 'v', name: 'Vera', role: 'viewer', state: 'active', version: 1 } as Person

/** A server with one person. */
let stored: Person
let asked: { method: string; ifMatch: string | undefined }[]

beforeEach(() => {
  stored = vera
  asked = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const { method = 'GET', headers, body } = init
    const ifMatch = (headers as Record<string, string>)['if-match']
    asked.push({ method, ifMatch })
    if (method === 'GET') {
      return Response.json(url.endsWith('/v') ? stored : { items: [stored], next: null })
    }
    if (ifMatch !== `"${stored.version}"`) {
      return Response.json(
        { code: 'PINLAB_REQUEST_STALE', title: '', status: 412 },
        { status: 412 },
      )
    }
    stored = { ...stored, ...JSON.parse(String(body)), version: stored.version + 1 }
    return Response.json(stored)
  })
})

afterEach(() => vi.unstubAllGlobals())

async function loaded() {
  const people = new People()
  await people.load()
  return { people, first: () => people.items[0] as Person }
}

describe('people', () => {
  it('are changed as they were seen, and shown as they are afterwards', async () => {
    const { people, first } = await loaded()
    await people.change(first(), { role: 'operator' })
    expect(asked.at(-1)).toEqual({ method: 'PATCH', ifMatch: '"1"' })
    expect(first()).toMatchObject({ role: 'operator', version: 2 })
  })

  it('that somebody else has changed are not, and are shown anew for the next try', async () => {
    const { people, first } = await loaded()
    stored = { ...vera, name: 'Vera Lund', version: 2 }
    await expect(people.change(first(), { role: 'operator' })).rejects.toMatchObject({
      problem: { code: 'PINLAB_REQUEST_STALE' },
    })
    expect(first()).toMatchObject({ name: 'Vera Lund', role: 'viewer' })
    await people.change(first(), { role: 'operator' })
    expect(first()).toMatchObject({ name: 'Vera Lund', role: 'operator' })
  })

  it('are read once more before a dialog about them opens', async () => {
    const { people, first } = await loaded()
    stored = { ...vera, version: 2 }
    await people.refresh(first())
    expect(first().version).toBe(2)
  })
})
