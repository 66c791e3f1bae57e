import { describe, expect, it } from 'vitest'
import type { Channel } from '../../server/contract/board.ts'
import {
  asTyped,
  fittingLocks,
  newTransferForm,
  pairOf,
  transferFaults,
  transferRequest,
  usualBlockByteLength,
  verifyRequest,
} from '../../web/views/dma/bench/channels/transfer-form.ts'
import { lockFaults, lockRequest, newLockForm } from '../../web/views/dma/bench/locks/lock-form.ts'

describe('the lock form', () => {
  it('asks for 1 MiB from the device without being touched', () => {
    expect(lockRequest(newLockForm())).toEqual({
      kind: 'scatterGather',
      byteLength: 1_048_576,
      direction: 'fromDevice',
      options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
      maxPages: 512,
      label: '',
    })
  })

  it('leaves out what has no meaning for contiguous memory', () => {
    const form = { ...newLockForm(), kind: 'contiguous' as const, maxPages: 'nonsense' }
    const request = lockRequest({ ...form, options: [...form.options, 'ALLOW_CACHE'] })
    expect(request?.options).toEqual(['ALLOW_64BIT_ADDRESS', 'ALLOW_CACHE'])
    expect(request).not.toHaveProperty('maxPages')
  })

  it('asks for an address width only of contiguous memory, and only when it is one', () => {
    const options = ['KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH' as const]
    const form = { ...newLockForm(), kind: 'contiguous' as const, options }
    expect(lockRequest(form)).toMatchObject({ options, addressWidth: 28 })
    expect(lockRequest({ ...form, options: [] })).not.toHaveProperty('addressWidth')
    expect(lockRequest({ ...form, kind: 'scatterGather' })).not.toHaveProperty('addressWidth')
    for (const addressWidth of ['', '0', '65', '28.5', 'all']) {
      expect(lockFaults({ ...form, addressWidth }).addressWidth).toBeDefined()
      expect(lockRequest({ ...form, addressWidth })).toBeNull()
    }
  })

  it.each(['', '0', '-1', '0.0001', 'one', '5000'])('refuses a size of "%s" MiB', (size) => {
    const form = { ...newLockForm(), size }
    expect(lockFaults(form).size).toBeDefined()
    expect(lockRequest(form)).toBeNull()
  })
})

const adc: Channel = {
  ...{ id: 'c2h1', direction: 'c2h', kind: 'stream', name: 'ADC' },
  ...{ byteLengthMultiple: 4, deviceByteLength: null, deviceBlockByteLength: 1 },
  ...{ modes: ['once', 'cyclic'], unavailable: null },
}
const memory: Channel = {
  ...{ id: 'h2c0', direction: 'h2c', kind: 'memory', name: 'card memory' },
  ...{ byteLengthMultiple: 1, deviceByteLength: 65_536, deviceBlockByteLength: 1 },
  ...{ modes: ['once', 'cyclic'], unavailable: null },
}
const disk: Channel = {
  ...{ id: 'h2c0', direction: 'h2c', kind: 'memory', name: 'blocks' },
  ...{ byteLengthMultiple: 512, deviceByteLength: 1_048_576, deviceBlockByteLength: 512 },
  ...{ modes: ['once'], unavailable: null },
}
const lock = { id: 's', byteLength: 1_048_576, direction: 'fromDevice' as const }

describe('the start form', () => {
  it('offers only locks whose direction fits', () => {
    const locks = (['fromDevice', 'toDevice', 'toFromDevice'] as const).map((direction) => ({
      ...lock,
      direction,
    }))
    expect(fittingLocks(adc, locks).map(({ direction }) => direction)).toEqual([
      'fromDevice',
      'toFromDevice',
    ])
    expect(fittingLocks(memory, locks).map(({ direction }) => direction)).toEqual([
      'toDevice',
      'toFromDevice',
    ])
  })

  it('streams round the whole lock in blocks of 64 KiB without being touched', () => {
    const form = newTransferForm(adc, lock)
    expect(transferFaults(form, adc, lock)).toEqual({})
    expect(transferRequest(form, adc)).toEqual({
      channel: 'c2h1',
      mode: 'cyclic',
      offset: 0,
      byteLength: 1_048_576,
      blockByteLength: 65_536,
    })
  })

  it('goes once over what the card’s memory holds', () => {
    const form = newTransferForm(memory, lock)
    expect(transferRequest(form, memory)).toEqual({
      channel: 'h2c0',
      mode: 'once',
      offset: 0,
      byteLength: 65_536,
      deviceAddress: '0x0',
      timeoutMs: 10_000,
    })
  })

  it('counts a device address in blocks where the board does, up to its end', () => {
    const form = newTransferForm(disk, lock)
    expect(transferRequest(form, disk)).toMatchObject({ deviceAddress: '0x0', mode: 'once' })
    expect(transferFaults(form, disk, lock)).toEqual({})
    const last = { ...form, byteLength: '512', deviceAddress: '2047' }
    expect(transferFaults(last, disk, lock)).toEqual({})
    expect(transferRequest(last, disk)).toMatchObject({ deviceAddress: '0x7ff' })
    const beyond = { ...last, deviceAddress: '2048' }
    expect(transferFaults(beyond, disk, lock)).toHaveProperty('deviceAddress')
  })

  it('begins in a mode that the channel has', () => {
    const form = newTransferForm({ ...adc, modes: ['once'] }, lock)
    expect(form.mode).toBe('once')
    expect(newTransferForm({ ...memory, modes: ['cyclic'] }, lock).mode).toBe('cyclic')
  })

  it('finds smaller blocks for short rings', () => {
    expect(usualBlockByteLength(65_536)).toBe(32_768)
    expect(usualBlockByteLength(3 * 4096)).toBe(4096)
    expect(usualBlockByteLength(100)).toBe(100)
  })

  it.each([
    ['byteLength', '1 MiB 1', { byteLength: '1048577' }],
    ['offset', 'beyond the lock', { offset: '1 MiB' }],
    ['byteLength', 'too long from the offset', { offset: '4 KiB' }],
    ['byteLength', 'off the granularity', { byteLength: '1022' }],
    ['blockByteLength', 'no divisor', { blockByteLength: '60 KiB' }],
  ] as const)('names %s when it is %s', (field, _why, typed) => {
    expect(transferFaults({ ...newTransferForm(adc, lock), ...typed }, adc, lock)).toHaveProperty(
      field,
    )
  })

  it('waits for ever when the timeout is left empty', () => {
    const form = { ...newTransferForm(memory, lock), timeoutMs: ' ' }
    expect(transferFaults(form, memory, lock)).toEqual({})
    expect(transferRequest(form, memory)).not.toHaveProperty('timeoutMs')
  })

  it('writes lengths as a person would', () => {
    expect([1_048_576, 65_536, 1000, 0].map(asTyped)).toEqual(['1 MiB', '64 KiB', '1000', '0'])
  })
})

describe('a pattern out and back', () => {
  const back: Channel = { ...memory, id: 'c2h0', direction: 'c2h' }
  const other: Channel = { ...back, id: 'c2h2' }

  it('goes by the channel of the same number, or by another one to the memory', () => {
    expect(pairOf(memory, [adc, memory, other, back])).toBe(back)
    expect(pairOf(back, [adc, memory, other, back])).toBe(memory)
    expect(pairOf(memory, [adc, other, { ...back, unavailable: 'read only' }])).toBe(other)
    expect(pairOf(memory, [adc, memory])).toBeNull()
    expect(pairOf(adc, [adc, memory])).toBeNull()
  })

  it('asks the same from either lane, of a lock in both directions', () => {
    const lock = { id: 'x', byteLength: 65_536, direction: 'toFromDevice' } as const
    const form = { ...newTransferForm(back, lock), mode: 'verify' as const, deviceAddress: '0x10' }
    expect(verifyRequest(form, back, memory)).toEqual(verifyRequest(form, memory, back))
    expect(verifyRequest(form, back, memory)).toEqual({
      ...{ out: 'h2c0', in: 'c2h0', pattern: 'prbs31', seed: 1, offset: 0, byteLength: 65_536 },
      ...{ deviceAddress: '0x10', timeoutMs: 10_000 },
    })
    const short = { ...form, byteLength: '4 KiB' }
    expect(transferFaults(short, back, lock)).toEqual({})
    expect(transferFaults(short, back, { ...lock, direction: 'fromDevice' }).mode).toBeDefined()
    for (const timeoutMs of ['', '0', '60001']) {
      expect(transferFaults({ ...short, timeoutMs }, back, lock).timeoutMs).toBeDefined()
    }
  })
})
