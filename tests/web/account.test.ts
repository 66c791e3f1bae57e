import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listBoards } from '../../web/api/http.ts'
import { account } from '../../web/state/account.svelte.ts'

const ada = { id: 'a', name: 'Ada', role: 'operator', permissions: ['lab.read', 'board.book'] }

/** What the server answers, by path; everything else is refused as not signed in. */
let answers: Record<string, unknown>
let isReachable = true

function refusal(code: string) {
  const problem = { code, title: 'No', status: 401, detail: '', type: '', requestId: '' }
  return new Response(JSON.stringify(problem), { status: 401 })
}

beforeEach(() => {
  isReachable = true
  answers = {
    '/health': { host: 'lab', version: '1' },
    '/login': { setUpDue: false, provider: null, isPlainHttp: false },
    '/me': ada,
  }
  vi.stubGlobal('fetch', async (url: string, { method = 'GET' } = {}) => {
    if (!isReachable) throw new TypeError('no network')
    if (method === 'POST') return refusal('PINLAB_SIGN_IN_FAILED')
    const path = url.replace('/api/v1', '')
    return path in answers
      ? new Response(JSON.stringify(answers[path]))
      : refusal('PINLAB_SIGN_IN_REQUIRED')
  })
})

afterEach(() => vi.unstubAllGlobals())

describe('who is signed in', () => {
  it('is nobody where the server says so, which is no problem', async () => {
    delete answers['/me']
    expect(await account.load()).toBe(true)
    expect([account.me, account.known]).toEqual([null, true])
  })

  it('may do what the server lists', async () => {
    await account.load()
    expect([account.may('board.book'), account.may('people.manage')]).toEqual([true, false])
    expect(account.mayRead({ owner: 'a' })).toBe(true)
    expect(account.mayRead({ owner: 'b' })).toBe(false)
  })

  it('is nobody any more once any call is refused as not signed in', async () => {
    await account.load()
    delete answers['/me']
    await expect(listBoards()).rejects.toThrow()
    await expect.poll(() => account.me).toBeNull()
  })

  it('stays while the server does not answer', async () => {
    await account.load()
    isReachable = false
    await account.check()
    expect(account.me).toMatchObject({ id: 'a' })
  })

  it('stays after a wrong password', async () => {
    await account.load()
    await expect(account.signIn({ login: 'a', password: 'b' })).rejects.toThrow()
    await account.check()
    expect(account.me).toMatchObject({ id: 'a' })
  })

  it('is asked for once at a time', async () => {
    await account.load()
    expect(account.check()).toBe(account.check())
  })
})
