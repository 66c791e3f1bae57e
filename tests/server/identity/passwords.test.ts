import argon2 from 'argon2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkPassword, Passwords } from '../../../server/identity/passwords.ts'
import { coded } from '../../support/identity.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Holds every hash until the test lets it go, and counts them. */
function holdHashes() {
  const held: (() => void)[] = []
  let most = 0
  let running = 0
  const hold = async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise<void>((resolve) => held.push(resolve))
    running -= 1
  }
  vi.spyOn(argon2, 'hash').mockImplementation((async () => {
    await hold()
    return 'a hash'
  }) as unknown as typeof argon2.hash)
  vi.spyOn(argon2, 'verify').mockImplementation(async () => {
    await hold()
    return false
  })
  return {
    held,
    most: () => most,
    /** Lets go until nobody waits. */
    async finish(all: Promise<unknown>): Promise<void> {
      let isOver = false
      void all.finally(() => {
        isOver = true
      })
      while (!isOver) {
        held.shift()?.()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

describe('passwords', () => {
  it('are hashed with Argon2id at the cost of our policy, each with a salt of its own', async () => {
    const passwords = new Passwords()
    const hashes = await Promise.all(['one', 'one'].map((password) => passwords.hash(password)))
    for (const hash of hashes)
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,(t=3,p=1|p=1,t=3)\$/)
    expect(hashes[0]).not.toBe(hashes[1])
    expect(await passwords.verify(hashes[0] ?? '', 'one')).toBe(true)
    expect(await passwords.verify(hashes[0] ?? '', 'two')).toBe(false)
  })

  it('of nobody cost the same work, and none is right', async () => {
    const verify = vi.spyOn(argon2, 'verify')
    expect(await new Passwords().verify(null, '')).toBe(false)
    expect(verify.mock.calls[0]?.[0]).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  })

  it('are hashed two at a time; fifty wait, and one more is refused', async () => {
    const hashes = holdHashes()
    const passwords = new Passwords()
    const asked = Array.from({ length: 52 }, (_, n) =>
      n % 2 ? passwords.hash('x') : passwords.verify('a hash', 'x'),
    )
    await expect(passwords.hash('x')).rejects.toMatchObject(coded('PINLAB_SERVER_BUSY'))
    await expect(passwords.verify(null, 'x')).rejects.toMatchObject(coded('PINLAB_SERVER_BUSY'))
    await hashes.finish(Promise.all(asked))
    expect(hashes.most()).toBe(2)
    // What was refused has left nothing behind.
    const again = passwords.verify(null, 'x')
    await hashes.finish(again)
    expect(await again).toBe(false)
  })

  it('give their turn on when one fails', async () => {
    const passwords = new Passwords()
    const failing = Array.from({ length: 4 }, () => passwords.verify('no hash at all', 'x'))
    const settled = await Promise.allSettled(failing)
    expect(settled.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
    vi.spyOn(argon2, 'verify').mockResolvedValue(true)
    expect(await passwords.verify('a hash', 'x')).toBe(true)
  })
})

describe('a new password', () => {
  const ada = { login: 'ada.l', name: 'Ada Lovelace' }

  it.each([
    ['short', 'k7#pQ9!xz'],
    ['widely used', 'qwertyuiop'],
    ['widely used, in capitals', 'QWERTYUIOP'],
    ['widely used, with a number', 'password2027'],
    ['of three characters only', 'abcabcabcabcabc'],
    ['the login', 'my ada.l is mine'],
    ['the name', 'hello ADA LOVELACE'],
  ])('is refused where it is %s', async (_, password) => {
    await expect(checkPassword(password, ada)).rejects.toMatchObject(coded('PINLAB_PASSWORD_WEAK'))
  })

  it.each(['copper lantern fjord', 'k7#pQ9!xzZ', 'ключ от лодки', '🜁🜂🜃🜄🜁🜂🜃🜄🜁🜂'])(
    'may be %s',
    async (password) => {
      await expect(checkPassword(password, ada)).resolves.toBeUndefined()
    },
  )
})
