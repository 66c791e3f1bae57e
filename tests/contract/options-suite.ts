// What a lock may be asked for, and what is refused.

import { describe, expect, test } from 'vitest'
import { allocatePages, hostLimits, type LockOptions } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const invalid = 'WD_INVALID_PARAMETER'
const notImplemented = 'WD_NOT_IMPLEMENTED'
const { LARGE_BUFFER, FROM_DEVICE, TO_DEVICE, KERNEL_BUFFER_ALLOC, ALLOW_CACHE } = dmaOptions
const { KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH } = dmaOptions

const refusedForBoth: [string, LockOptions, string][] = [
  ['a bit between the options and the address width', { options: 0x10000 }, invalid],
  ['the highest bit', { options: 0x8000_0000 }, invalid],
  ['options that are not 32 bits', { options: 0x1_0000_0000 }, invalid],
  ['negative options', { options: -1 }, invalid],
  ['an address width without its flag', { options: 0x2000_0000 }, invalid],
  ['a direction against its bits', { direction: 'toDevice', options: FROM_DEVICE }, invalid],
  ['an unknown direction', { direction: 'sideways' as never }, invalid],
  ['maxPages without LARGE_BUFFER', { maxPages: 10 }, invalid],
  ['no page at all', { maxPages: 0, options: LARGE_BUFFER }, invalid],
  ['half a page', { maxPages: 1.5, options: LARGE_BUFFER }, invalid],
  ['GET_EXISTING_BUF, which is attachContiguous', { options: 0x200 }, invalid],
  ['TRANSACTION, which is openTransaction', { options: 0x2000 }, invalid],
  ['[DMA_ALLOW_NO_HCARD]', { options: dmaOptions.ALLOW_NO_HCARD }, notImplemented],
  ['[DMA_RESERVED_MEM]', { options: dmaOptions.RESERVED_MEM }, notImplemented],
  ['[DMA_GPUDIRECT]', { options: dmaOptions.GPUDIRECT }, notImplemented],
  [
    '[DMA_GET_PREALLOCATED_BUFFERS_ONLY]',
    { options: dmaOptions.GET_PREALLOCATED_BUFFERS_ONLY },
    notImplemented,
  ],
]

const refusedForScatterGather: typeof refusedForBoth = [
  ['[DMA_KERNEL_BUFFER_ALLOC]', { options: KERNEL_BUFFER_ALLOC }, invalid],
  ['KERNEL_ONLY_MAP', { options: dmaOptions.KERNEL_ONLY_MAP }, invalid],
  ['KBUF_BELOW_16M', { options: dmaOptions.KBUF_BELOW_16M }, invalid],
  ['an address width', { addressWidth: 32 }, invalid],
  ['[DMA_LARGE_BUFFER] without maxPages', { options: LARGE_BUFFER }, invalid],
]

const refusedForContiguous: typeof refusedForBoth = [
  ['an address width of 0 bits', { addressWidth: 0 }, invalid],
  ['an address width of 65 bits', { addressWidth: 65 }, invalid],
  ['half a bit of address', { addressWidth: 31.5 }, invalid],
  ['no width with its flag', { options: KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH }, invalid],
  ['127 bits in byte 4', { options: KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH | 0x7f00_0000 }, invalid],
  ['two widths', { addressWidth: 28, options: 0x1800_0800 }, invalid],
]

export function optionsSuite(bus: Bus): void {
  describe('lock options', () => {
    const at = eachBoard(bus)

    test.each([...refusedForBoth, ...refusedForScatterGather])(
      'a scatter/gather lock refuses %s',
      async (_, options, statusName) => {
        const before = hostLimits().lockedByteLength
        const lock = at.board.card.lockScatterGather(allocatePages(4096), options)
        await expect(lock).rejects.toMatchObject({ statusName, operation: 'lockScatterGather' })
        expect(hostLimits().lockedByteLength).toBe(before)
      },
    )

    test.each([...refusedForBoth, ...refusedForContiguous])(
      'a contiguous lock refuses %s',
      async (_, options, statusName) => {
        const lock = at.board.card.lockContiguous(4096, options)
        await expect(lock).rejects.toMatchObject({ statusName, operation: 'lockContiguous' })
      },
    )

    test('what is not implemented says why', async () => {
      for (const options of [0x100, 0x400, 0x1000, 0x4000]) {
        const error = await at.board.card
          .lockContiguous(4096, { options })
          .catch((thrown) => thrown)
        expect(error.message).toMatch(/^[A-Z_]+: \w/)
      }
    })

    test('[DMA_ALLOW_CACHE] is what user space has in any case', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(4096, { options: ALLOW_CACHE })
      const other = await card.lockContiguous(4096)
      expect(lock.options & ALLOW_CACHE).toBe(ALLOW_CACHE)
      expect([lock.caching, other.caching]).toEqual(['cached', 'cached'])
    })

    test("[DMA_KERNEL_ONLY_MAP] memory is the board's alone", async () => {
      const { card, move } = at.board
      const lock = await card.lockContiguous(8192, { options: dmaOptions.KERNEL_ONLY_MAP })
      expect(lock.userBytes.byteLength).toBe(0)
      expect(lock.byteLength).toBe(8192)
      expect(lock.kernelAddress).toBe(0n)
      const byteLength = Math.min(8192, bus.limits.moveByteLength)
      expect(await move.call(at.board, lock, 'fromDevice', 0, byteLength)).toBe('moved')
      await lock.unlock()
    })

    test('[DMA_FROM_DEVICE] [DMA_READ_FROM_DEVICE] [DMA_TO_DEVICE] [DMA_WRITE_TO_DEVICE] [DMA_TO_FROM_DEVICE] are the direction', async () => {
      const directions = { fromDevice: 0x20, toDevice: 0x40, toFromDevice: 0x60 } as const
      for (const [direction, options] of Object.entries(directions)) {
        const lock = await at.board.card.lockScatterGather(allocatePages(4096), { options })
        expect(lock.direction).toBe(direction)
        expect(lock.options).toBe(options)
      }
    })

    test.each([0, -1, 4 * 1024 ** 3, 0.5, Number.NaN])(
      'a contiguous lock of %d bytes is refused',
      async (byteLength) => {
        const lock = at.board.card.lockContiguous(byteLength)
        await expect(lock).rejects.toMatchObject({ statusName: invalid })
      },
    )

    test('an empty array cannot be locked', async () => {
      const lock = at.board.card.lockScatterGather(new Uint8Array(0))
      await expect(lock).rejects.toMatchObject({ statusName: invalid })
    })

    test('no direction means both, and is recorded', async () => {
      const lock = await at.board.card.lockScatterGather(allocatePages(4096))
      expect(lock.direction).toBe('toFromDevice')
      expect(lock.options & (FROM_DEVICE | TO_DEVICE)).toBe(FROM_DEVICE | TO_DEVICE)
    })

    test('direction bits in options are a direction', async () => {
      const lock = await at.board.card.lockContiguous(4096, { options: TO_DEVICE })
      expect(lock.direction).toBe('toDevice')
      expect(lock.options).toBe(TO_DEVICE | KERNEL_BUFFER_ALLOC)
    })

    const kinds: [string, () => Uint8Array][] = [
      ['a SharedArrayBuffer', () => new Uint8Array(new SharedArrayBuffer(4096))],
      [
        'a resizable ArrayBuffer',
        () => new Uint8Array(Reflect.construct(ArrayBuffer, [4096, { maxByteLength: 8192 }])),
      ],
      ['a pooled Buffer', () => Buffer.from('sixteen bytes ..')],
      ['an array that is not of bytes', () => new Float32Array(1024) as unknown as Uint8Array],
      ['no array', () => null as unknown as Uint8Array],
    ]
    test.each(kinds)('%s cannot be locked', async (_, make) => {
      const lock = at.board.card.lockScatterGather(make())
      await expect(lock).rejects.toMatchObject({ statusName: invalid })
    })
  })
}
