import { describe, expect, it } from 'vitest'
import { E1000eDriver } from '../../../server/drivers/e1000e.ts'
import { Frames, slotByteLength } from '../../../server/drivers/e1000e-frames.ts'
import { descriptorCount, ReceiveRing } from '../../../server/drivers/e1000e-ring.ts'
import { planSlots } from '../../../server/drivers/e1000e-rules.ts'

const [channel] = new E1000eDriver({} as never).channels
if (!channel) throw new Error('the card has a channel')

function receiver(slots: number) {
  const view = new DataView(new ArrayBuffer(slots * slotByteLength))
  const frames = new Frames(view)
  let next = 0
  /** A frame with a number, or of another kind. */
  const receive = (number: number | null, byteLength = 60) => {
    const slot = next++ % slots
    view.setUint16(slot * slotByteLength + 12, number === null ? 0x0800 : 0x88b5)
    view.setUint32(slot * slotByteLength + 14, number ?? 0)
    frames.add(slot, byteLength)
  }
  return { view, frames, receive }
}

describe('frames in their slots', () => {
  it('have their length and their number at the end of the slot, and nothing else is touched', () => {
    const { view, receive } = receiver(2)
    for (const byteLength of [60, 61, 1518]) receive(7, byteLength)
    const trailer = (slot: number) => [
      view.getUint32(slot * slotByteLength + 2040, true),
      view.getUint32(slot * slotByteLength + 2044, true),
    ]
    expect(trailer(0)).toEqual([1518, 2])
    expect(trailer(1)).toEqual([61, 1])
    const first = new Uint8Array(view.buffer, 0, 2040)
    expect(first.findLastIndex((byte) => byte !== 0)).toBe(17)
  })

  it.each([
    ['in order', [5, 6, 7], 0],
    ['with a gap', [5, 9, 10], 3],
    ['over the end of the numbers', [0xffff_ffff, 0, 2], 1],
    ['begun again', [100, 0, 1, 3], 1],
    ['between others', [1, null, null, 3], 1],
  ])('numbered %s, tell how many are missing', (_, numbers, missing) => {
    const { frames, receive } = receiver(4)
    for (const number of numbers) receive(number)
    expect(frames).toMatchObject({ count: numbers.length, missing, areNumbered: true })
  })
})

describe('the receive ring', () => {
  it('hands out what the device has filled, in order, and again after a lap', () => {
    const words = new Uint32Array(4 * 8)
    const ring = new ReceiveRing(words, 8)
    ring.fill(Array.from({ length: 8 }, (_, index) => 0x3_0000_0000 + index * 2048))
    expect([...words.subarray(4, 8)]).toEqual([2048, 3, 0, 0])
    expect(ring.take()).toBeNull()
    for (let frame = 0; frame < 20; frame++) {
      words[4 * (frame % 8) + 2] = 60 + frame
      words[4 * (frame % 8) + 3] = 0x3
      expect(ring.take()).toEqual({ index: frame % 8, byteLength: 60 + frame })
      expect(ring.take()).toBeNull()
    }
    expect([...words.subarray(4, 6)]).toEqual([2048, 3])
  })

  it('has a descriptor more than slots for a single run, in steps of eight', () => {
    expect([1, 7, 8, 300].map((slots) => descriptorCount(slots, false))).toEqual([8, 8, 16, 304])
    expect(descriptorCount(256, true)).toBe(256)
  })
})

describe('what the card is asked to receive', () => {
  const request = (changes: object = {}) => ({
    ...{ channel: 'c2h0', mode: 'cyclic' as const, offset: 0, byteLength: 16 * slotByteLength },
    ...{ deviceAddress: 0n, blockByteLength: 4096, timeoutMs: 0 },
    lock: lock([{ address: 0x10000n, byteLength: 16 * slotByteLength }]),
    ...changes,
  })
  const lock = (pages: { address: bigint; byteLength: number }[]) => {
    const byteLength = pages.reduce((sum, page) => sum + page.byteLength, 0)
    const userBytes = new Uint8Array(1)
    return { byteLength, pages, userBytes, direction: 'fromDevice' as const }
  }

  it('gets two slots from each page that is apart', () => {
    const pages = Array.from({ length: 8 }, (_, index) => {
      return { address: BigInt(0x10_0000 - index * 0x2000), byteLength: 4096 }
    })
    const slots = planSlots(channel, request({ lock: lock(pages) }))
    expect(slots.slice(0, 3)).toEqual([0x10_0000, 0x10_0800, 0xf_e000])
    expect(slots.length).toBe(16)
  })

  it.each([
    ['a slot across two pages', 'ALIGNMENT', { offset: 1024, byteLength: 8 * slotByteLength }],
    [
      'a ring of nine slots',
      'ALIGNMENT',
      { byteLength: 9 * slotByteLength, blockByteLength: 2048 },
    ],
    ['half a slot', 'ALIGNMENT', { mode: 'once', byteLength: 1024 }],
    ['a device address', 'OUT_OF_RANGE', { deviceAddress: 1n }],
  ])('refuses %s', (_, code, changes) => {
    const pages = [
      { address: 0x10000n, byteLength: 16384 },
      { address: 0x90000n, byteLength: 16384 },
    ]
    expect(() => planSlots(channel, request({ lock: lock(pages), ...changes }))).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('refuses more than the ring can have, and memory that it cannot mark', () => {
    const large = lock([{ address: 0x10000n, byteLength: 2 ** 28 }])
    const wanted = request({ lock: large, byteLength: 2 ** 28 })
    expect(() => planSlots(channel, wanted)).toThrow(expect.objectContaining({ code: 'TOO_LONG' }))
    const hidden = { ...request().lock, userBytes: new Uint8Array(0) }
    expect(() => planSlots(channel, request({ lock: hidden }))).toThrow(
      expect.objectContaining({ code: 'MODE' }),
    )
  })
})
