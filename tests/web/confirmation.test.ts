// A request that needs the password once more goes on by itself when it was given.

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { invite } from '../../web/api/identity.ts'
import { confirmation } from '../../web/state/confirmation.svelte.ts'

const needed = { code: 'PINLAB_CONFIRMATION_NEEDED', title: 'Confirm', status: 403, detail: '' }
const newcomer = { login: 'bo@lab', name: 'Bo', role: 'viewer' } as const
let isFresh = false
let sent: [string, unknown][]

beforeEach(() => {
  isFresh = false
  sent = []
  vi.stubGlobal('fetch', async (url: string, { body = '' } = {}) => {
    const path = url.replace('/api/v1', '')
    sent.push([path, JSON.parse(body)])
    if (path === '/me/confirm') {
      isFresh = true
      return new Response(null, { status: 204 })
    }
    return isFresh
      ? new Response(JSON.stringify({ link: 'here' }), { status: 201 })
      : new Response(JSON.stringify(needed), { status: 403 })
  })
})
afterEach(() => vi.unstubAllGlobals())

it('is sent again as it was, once the password was given', async () => {
  const invited = invite(newcomer)
  await vi.waitFor(() => expect(confirmation.asked).toBe(true))
  await confirmation.confirm('copper lantern fjord')
  expect(await invited).toEqual({ link: 'here' })
  expect(confirmation.asked).toBe(false)
  expect(sent).toEqual([
    ['/users', newcomer],
    ['/me/confirm', { password: 'copper lantern fjord' }],
    ['/users', newcomer],
  ])
})

it('is refused as it was where nobody gives it', async () => {
  const invited = invite(newcomer)
  await vi.waitFor(() => expect(confirmation.asked).toBe(true))
  confirmation.giveUp()
  await expect(invited).rejects.toMatchObject({ problem: { code: needed.code } })
  expect(sent).toHaveLength(1)
})
