import { expect, it } from 'vitest'
import { bodyOf, isPausing, pauseMs, signatureOf } from '../../../server/audit/webhook-rules.ts'

it('pauses grow from a second to ten minutes, a fifth longer at most', () => {
  expect([1, 2, 3, 4].map((failures) => pauseMs(failures, 0))).toEqual([1000, 2000, 4000, 8000])
  expect([1, 2].map((failures) => pauseMs(failures, 1))).toEqual([1200, 2400])
  expect([11, 200, 1e9].map((failures) => pauseMs(failures, 0.5))).toEqual(Array(3).fill(600_000))
})

it('a pause that a clock left far ahead is over', () => {
  const now = 1_000_000
  const pausing = (ms: number) => isPausing({ nextAt: new Date(now + ms) }, now)
  expect([1, 600_000].map(pausing)).toEqual([true, true])
  expect([-1, 0, 600_001].map(pausing)).toEqual([false, false, false])
  expect(isPausing({ nextAt: null }, now)).toBe(false)
})

it('a body has what a receiver needs, and nothing of how it is recorded', () => {
  const event = { v: 1, seq: 7, at: 'then', boot: 'b', monotonicNs: '1', request: 'r' }
  expect(bodyOf(JSON.stringify({ ...event, type: 'clock.stepped', actor: 'system' }))).toBe(
    '{"id":7,"type":"clock.stepped","at":"then","board":null,"actor":"system","detail":{}}',
  )
})

/** Made with `printf '1700000000.{}' | openssl dgst -sha256 -hmac 'sixteen letters.'`. */
it('a signature is what openssl makes of the time and the body', () => {
  expect(signatureOf('sixteen letters.', '{}', 1_700_000_000_999)).toBe(
    't=1700000000,v1=19ff1b4dfaea667fba1339697d0ddc4c955f0b68345cfa8893ee20f7638e63a6',
  )
})
