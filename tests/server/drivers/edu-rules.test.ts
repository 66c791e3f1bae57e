import { describe, expect, it } from 'vitest'
import { EduDriver } from '../../../server/drivers/edu.ts'
import { planDmas } from '../../../server/drivers/edu-rules.ts'

const page = (address: number, byteLength: number) => ({ address: BigInt(address), byteLength })
const [h2c, c2h] = new EduDriver({} as never).channels
if (!h2c || !c2h) throw new Error('edu has two channels')

const request = (changes: object = {}) => ({
  ...{ channel: 'h2c0', mode: 'once' as const, offset: 0, byteLength: 100, deviceAddress: 0n },
  ...{ blockByteLength: 100, timeoutMs: 0 },
  lock: { byteLength: 8192, direction: 'toFromDevice' as const, pages: [page(0x10_0000, 8192)] },
  ...changes,
})

describe('what edu is asked to do', () => {
  it('reaches all of its buffer but the last byte', () => {
    const most = request({ byteLength: 4000, deviceAddress: 95n })
    expect(planDmas(h2c, most)).toEqual([
      { hostAddress: 0x10_0000, boardAddress: 0x4_005f, byteLength: 4000 },
    ])
  })

  it.each([
    [0, 0n],
    [4096, 0n],
    [1, 4095n],
    [4001, 95n],
    [100, -1n],
    [4095, 2n ** 64n],
  ])('refuses %i bytes at %i, which would bring QEMU down', (byteLength, deviceAddress) => {
    expect(() => planDmas(h2c, request({ byteLength, deviceAddress }))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_RANGE' }),
    )
  })

  it('takes a DMA for each page of the lock', () => {
    const pages = [page(0x10_0ff0, 16), page(0x30_0000, 4096)]
    const lock = { byteLength: 4112, direction: 'fromDevice' as const, pages }
    const wanted = request({ lock, offset: 6, byteLength: 50, deviceAddress: 8n })
    expect(planDmas(c2h, wanted)).toEqual([
      { hostAddress: 0x10_0ff6, boardAddress: 0x4_0008, byteLength: 10 },
      { hostAddress: 0x30_0000, boardAddress: 0x4_0012, byteLength: 40 },
    ])
  })

  it('refuses a ring, the wrong direction, and addresses that its engine would cut short', () => {
    const refusals: [object, string][] = [
      [{ mode: 'cyclic' }, 'MODE'],
      [{ lock: { ...request().lock, direction: 'fromDevice' } }, 'DIRECTION'],
      [{ lock: { ...request().lock, pages: [page(2 ** 28 - 50, 8192)] } }, 'OUT_OF_RANGE'],
    ]
    for (const [changes, code] of refusals) {
      expect(() => planDmas(h2c, request(changes))).toThrow(expect.objectContaining({ code }))
    }
  })
})
