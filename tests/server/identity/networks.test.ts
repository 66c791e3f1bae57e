import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Attempts, networkOf } from '../../../server/identity/attempts.ts'
import { coded } from '../../support/identity.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['0000:0000:0000:0000:0000:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:db8::3:0:0:0:1', '2001:db8:0:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80:0:0:0:1::2%3', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2::192.0.2.7', '2001:db8:1:2::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('differs where the first 64 bits do', () => {
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
  })
})

describe('attempts', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const tooMany = coded('PINLAB_SIGN_IN_TOO_MANY')
  const repeat = async (times: number, attempt: () => Promise<void>) => {
    for (let n = 0; n < times; n += 1) await attempt()
  }

  it('are twenty a minute from one network, whichever of its addresses', async () => {
    const attempts = new Attempts()
    let host = 0
    const attempt = () => attempts.from(`2001:db8::${(host++).toString(16)}`)
    await repeat(20, attempt)
    await expect(attempt()).rejects.toMatchObject(tooMany)
    await attempts.from('2001:db8:0:1::1')
    await vi.advanceTimersByTimeAsync(60_000)
    await attempt()
  })

  it('are five of one account, and going on does not make the wait longer', async () => {
    const attempts = new Attempts()
    await repeat(5, () => attempts.begin('ada'))
    await expect(attempts.begin('ada')).rejects.toMatchObject({
      code: 'PINLAB_SIGN_IN_TOO_MANY',
      members: { retryAfterSeconds: 300 },
    })
    await attempts.begin('ben')
    for (let second = 0; second < 299; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await expect(attempts.begin('ada')).rejects.toMatchObject(tooMany)
    }
    await vi.advanceTimersByTimeAsync(1000)
    await repeat(5, () => attempts.begin('ada'))
  })

  it('are forgotten where one succeeds', async () => {
    const attempts = new Attempts()
    await repeat(4, () => attempts.begin('ada'))
    await attempts.succeeded('ada')
    await repeat(5, () => attempts.begin('ada'))
    await expect(attempts.begin('ada')).rejects.toMatchObject(tooMany)
  })

  it('count before they are looked at: a hundred at once are five', async () => {
    const attempts = new Attempts()
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => attempts.begin('ada')))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })
})
