import { describe, expect, it } from 'vitest'
import { openLab, type TestLab } from '../../support/test-lab.ts'

describe('registers', () => {
  const operate = (lab: TestLab, operation: object) =>
    lab.post<{ values: string[] }>('/boards/sim0/register-operations', { operations: [operation] })

  it.each<[string, object, string]>([
    ['an unknown one', { op: 'read', register: 'NOPE' }, 'PINLAB_REGISTER_UNKNOWN'],
    [
      "the driver's",
      { op: 'write', register: 'C2H1_CONTROL', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'one that is only read',
      { op: 'write', register: 'ID', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a value that does not fit',
      { op: 'write', register: 'ADC_RATE', value: '0x100000000' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a poll of one that clears',
      { op: 'pollUntil', register: 'IRQ_STATUS', mask: '0x1', value: '0x1', timeoutMs: 5 },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a poll in vain',
      { op: 'pollUntil', register: 'DROPPED', mask: '0xff', value: '0x7', timeoutMs: 5 },
      'PINLAB_REGISTER_TIME_OUT',
    ],
  ])('%s is refused', async (_, operation, code) => {
    const lab = await openLab()
    await lab.take()
    expect((await operate(lab, operation)).body.code).toBe(code)
  })

  it('are written and read back by name', async () => {
    const lab = await openLab()
    await lab.take()
    expect(
      (await operate(lab, { op: 'write', register: 'ADC_RATE', value: '0x1f4' })).body.values,
    ).toEqual(['0x1f4'])
    expect((await operate(lab, { op: 'read', register: 'ADC_RATE' })).body.values).toEqual([
      '0x1f4',
    ])
  })
})
