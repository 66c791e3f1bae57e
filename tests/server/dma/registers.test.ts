import { beforeAll, describe, expect, it } from 'vitest'
import { sharedLab } from '../../support/test-lab.ts'

describe('registers', () => {
  const lab = sharedLab()
  beforeAll(() => lab().take())

  const operate = (...operations: object[]) =>
    lab().post<{ values: string[] }>('/boards/sim0/register-operations', { operations })
  const written = () =>
    lab().database.reader.auditEvent.count({ where: { type: 'board.registers' } })

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
      'a change of some bits of one that clears',
      { op: 'update', register: 'IRQ_STATUS', mask: '0x1', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      "a change of the driver's",
      { op: 'update', register: 'C2H1_CONTROL', mask: '0x1', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a change outside its mask',
      { op: 'update', register: 'ADC_CTRL', mask: '0xf00', value: '0x1000' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a poll in vain',
      { op: 'pollUntil', register: 'DROPPED', mask: '0xff', value: '0x7', timeoutMs: 5 },
      'PINLAB_REGISTER_TIME_OUT',
    ],
  ])('%s is refused', async (_, operation, code) => {
    expect((await operate(operation)).body.code).toBe(code)
  })

  it('are written, changed in part and read back by name, in the order of the batch', async () => {
    const before = await written()
    const { body } = await operate(
      { op: 'write', register: 'ADC_CTRL', value: '0x102' },
      { op: 'update', register: 'ADC_CTRL', mask: '0xf00', value: '0x400' },
      { op: 'read', register: 'ADC_CTRL' },
    )
    expect(body.values).toEqual(['0x102', '0x402', '0x402'])
    expect(await written()).toBe(before + 1)
  })

  it('are recorded when part of one is changed, and not when they are only read', async () => {
    const before = await written()
    await operate({ op: 'read', register: 'ADC_CTRL' })
    expect(await written()).toBe(before)
    await operate({ op: 'update', register: 'ADC_CTRL', mask: '0x2', value: '0x0' })
    expect(await written()).toBe(before + 1)
  })
})
