import { describe, expect, it } from 'vitest'
import { parseDays } from '../../web/views/identity/account/token-form.ts'
import { browserName, usableScopes } from '../../web/views/identity/identity-words.ts'
import { loginFault } from '../../web/views/identity/login-rules.ts'
import { isLongEnough, passwordAdvice } from '../../web/views/identity/password-advice.ts'
import { personChange } from '../../web/views/identity/people/person-change.ts'

describe('advice about a password', () => {
  it('says what is missing, then that it is enough, then that it is good', () => {
    expect(passwordAdvice('').words).toMatch(/10.*15/)
    expect(passwordAdvice('four').words).toBe('4 of at least 10 characters')
    expect(passwordAdvice('ten letter').level).toBe('enough')
    expect(passwordAdvice('fifteen letters')).toMatchObject({ level: 'good', share: 1 })
  })

  it('counts characters as people do', () => {
    expect(isLongEnough('🦊'.repeat(9))).toBe(false)
    expect(isLongEnough('🦊'.repeat(10))).toBe(true)
  })
})

describe('a login', () => {
  it.each(['ada', 'Ada.L-2', '0x', 'ada@lab.example'])('can be %s', (login) => {
    expect(loginFault(login)).toBeUndefined()
  })

  it.each(['', '-ada', 'a b', 'ä', 'a'.repeat(65)])('cannot be "%s"', (login) => {
    expect(loginFault(login)).toBeTruthy()
  })
})

describe('the scopes that a token is offered', () => {
  it('are those that its owner can use', () => {
    expect(usableScopes(['lab.read', 'self.manage'])).toEqual(['read'])
    expect(usableScopes(['lab.read', 'board.book', 'board.control'])).toEqual([
      'read',
      'book',
      'control',
    ])
    expect(usableScopes(['lab.read', 'session.read-all'])).toEqual(['read', 'audit'])
  })
})

describe('the days of a token', () => {
  it('are whole, and a year at most', () => {
    expect([parseDays('1'), parseDays(' 366 ')]).toEqual([1, 366])
    for (const wrong of ['', '0', '367', '1.5', '-3', 'ten']) expect(parseDays(wrong)).toBeNull()
  })
})

describe('a browser', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36'
  it('is named by its program and system', () => {
    expect(browserName(chrome)).toBe('Chrome on Linux')
    expect(browserName(`${chrome} Edg/140.0`)).toBe('Edge on Linux')
    expect(browserName('Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Safari/605')).toBe(
      'Safari on macOS',
    )
  })

  it('that says little is named by what it says', () => {
    expect(browserName('curl/8.1')).toBe('curl')
    expect(browserName('')).toBe('an unknown program')
  })
})

describe('a change of a person', () => {
  const ada = { name: 'Ada', role: 'admin' } as const
  it('has only what differs', () => {
    expect(personChange(ada, { name: ' Ada ', role: 'viewer' })).toEqual({ role: 'viewer' })
    expect(personChange(ada, { name: 'Ada L.', role: 'admin' })).toEqual({ name: 'Ada L.' })
  })

  it('is none where nothing differs or the name is gone', () => {
    expect(personChange(ada, ada)).toBeNull()
    expect(personChange(ada, { name: ' ', role: 'viewer' })).toBeNull()
  })
})
