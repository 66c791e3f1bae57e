import { describe, expect, it } from 'vitest'
import { engineFault } from '../../../server/drivers/xdma-faults.ts'

const text = (status: number, direction: 'h2c' | 'c2h') =>
  engineFault(status, direction).error.message

describe('what an engine stopped at', () => {
  it.each([
    [0x10, 'h2c', 'magic number'],
    [0x200, 'h2c', 'unsupported request'],
    [0x400, 'h2c', 'completer abort'],
    [0x800, 'h2c', 'parity'],
    [0x1000, 'h2c', 'poisoned'],
    [0x2000, 'h2c', 'unexpected completion'],
    [0x4000, 'h2c', 'decode error'],
    [0x8000, 'h2c', 'slave error'],
    [0x8_0000, 'h2c', 'descriptor fetch from memory that is not locked'],
    [0x10_0000, 'c2h', 'descriptor fetch that the host aborted'],
    [0x20_0000, 'c2h', 'descriptor with a parity error'],
    [0x40_0000, 'c2h', 'poisoned descriptor'],
    [0x80_0000, 'c2h', 'unexpected completion'],
    [0x10, 'c2h', 'magic number'],
    [0x200, 'c2h', 'decode error'],
    [0x400, 'c2h', 'slave error'],
    [0x08, 'c2h', 'aligned'],
    [0x20, 'c2h', 'length'],
    [0x4000, 'c2h', 'does not have'],
  ] as const)('status 0x%x of %s is told as: %s', (status, direction, words) => {
    const { kind, error } = engineFault(status, direction)
    expect([kind, error.code, error.wdStatus]).toEqual([
      'engine',
      'BOARD_FAULT',
      'WD_OPERATION_FAILED',
    ])
    expect(error.message).toContain(words)
    expect(error.message).toContain(`status 0x${status.toString(16)}`)
  })

  it('is told by the worst of several, and what to do is said', () => {
    expect(text(0x8_0420, 'h2c')).toBe(
      'The engine stopped at a descriptor fetch from memory that is not locked (unsupported request); status 0x80420. Try again.',
    )
    expect(text(0x4000, 'h2c')).toContain('Check the device address.')
  })
})
