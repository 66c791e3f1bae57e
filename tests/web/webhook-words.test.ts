import { describe, expect, it } from 'vitest'
import type { Webhook } from '../../server/contract/webhook.ts'
import {
  webhookFacts,
  webhookSign,
  webhookTrouble,
} from '../../web/views/boards/doctor/webhook-words.ts'

const well: Webhook = {
  name: 'chat',
  url: 'https://chat.example.org/hooks/pinlab',
  events: ['board.state'],
  lastSuccessAt: '2027-01-11T14:00:01.000Z',
  failures: 0,
  lastError: null,
  retryAt: null,
  behind: 0,
  passedOver: 0,
}
const failing: Webhook = {
  ...{ ...well, failures: 3, behind: 12, lastError: 'It answered 500.' },
  retryAt: '2027-01-11T14:00:09.000Z',
}

describe('a webhook', () => {
  it('stands by what is wrong first: failing, behind, never used, good', () => {
    expect(webhookSign(failing).words).toBe('failing')
    expect(webhookSign({ ...well, lastSuccessAt: null, behind: 2 }).words).toBe('behind')
    expect(webhookSign({ ...well, lastSuccessAt: null }).words).toBe('unused')
    expect(webhookSign(well).words).toBe('good')
  })

  it('says how far it was told, and what it never was told only where that is so', () => {
    expect(webhookFacts(failing)).toContain('12 events behind')
    expect(webhookFacts({ ...well, lastSuccessAt: null })[0]).toBe('told nothing yet')
    expect(webhookFacts(well)).toHaveLength(2)
    expect(webhookFacts({ ...well, passedOver: 10_400 })).toContain('10,400 passed over')
  })

  it('keeps quiet while all is well, and remembers why it was given up on', () => {
    expect(webhookTrouble(well)).toBeNull()
    expect(webhookTrouble(failing)).toMatch(/^3 failures in a row: It answered 500\. Next try /)
    const givenUp = { ...failing, failures: 0, retryAt: null, passedOver: 12 }
    expect(webhookTrouble(givenUp)).toBe('Last failure: It answered 500.')
  })
})
