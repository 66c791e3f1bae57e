import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RegisterOperation } from '../../server/contract/board.ts'
import { RegisterValues } from '../../web/state/register-values.svelte.ts'

let asked: RegisterOperation[][] = []
let answers = (): string => '0x1'

beforeEach(() => {
  asked = []
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const { operations } = JSON.parse(String(init.body)) as { operations: RegisterOperation[] }
    asked.push(operations)
    return Response.json({ values: operations.map(answers) })
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('watched registers are read while the page is seen, and what changed is known', async () => {
  let hidden = false
  answers = () => `0x${asked.length}`
  const values = new RegisterValues('sim0', undefined, () => hidden)
  values.watched = true
  const end = values.watch(['A', 'B'])
  await vi.advanceTimersByTimeAsync(0)
  expect(values.values.get('A')).toMatchObject({ value: 1n, changedAt: null })
  await vi.advanceTimersByTimeAsync(500)
  expect(values.values.get('A')).toMatchObject({ value: 2n, changedAt: values.readAt })
  hidden = true
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toHaveLength(2)
  hidden = false
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toHaveLength(3)
  end()
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toHaveLength(3)
})

it('a watch ends when a reading fails, and says why', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no network')))
  const values = new RegisterValues('sim0', undefined, () => false)
  values.watched = true
  values.watch(['A'])
  await vi.advanceTimersByTimeAsync(5000)
  expect(values.watched).toBe(false)
  expect(values.reading.problem?.code).toBe('PINLAB_WEB_UNREACHABLE')
})

it('what changes the board is told, without what was read back', async () => {
  answers = () => '0x1'
  const told: RegisterOperation[][] = []
  const values = new RegisterValues('sim0', (done) => told.push(done))
  await values.update('A', { mask: 0xf0n, value: 0x10n })
  await values.readAll(['A'])
  await values.read('IRQ_STATUS')
  expect(asked[0]).toEqual([
    { op: 'update', register: 'A', mask: '0xf0', value: '0x10' },
    { op: 'read', register: 'A' },
  ])
  expect(told).toEqual([
    [{ op: 'update', register: 'A', mask: '0xf0', value: '0x10' }],
    [{ op: 'read', register: 'IRQ_STATUS' }],
  ])
})
