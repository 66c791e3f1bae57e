// What a lock may be asked for, and what is refused.

import { describe, expect, test } from 'vitest'
import { allocatePages, hostLimits, type LockOptions } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const invalid = 'WD_INVALID_PARAMETER'
const notImplemented = 'WD_NOT_IMPLEMENTED'
const { LARGE_BUFFER, FROM_DEVICE, TO_DEVICE, KERNEL_BUFFER_ALLOC, KERNEL_ONLY_MAP } = dmaOptions

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
  ...(
    [
      'KBUF_BELOW_16M',
      'ALLOW_NO_HCARD',
      'GET_EXISTING_BUF',
      'RESERVED_MEM',
      'KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH',
      'GET_PREALLOCATED_BUFFERS_ONLY',
      'TRANSACTION',
      'GPUDIRECT',
    ] as const
  ).map((name): [string, LockOptions, string] => [
    name,
    { options: dmaOptions[name] },
    notImplemented,
  ]),
]

const refusedForScatterGather: typeof refusedForBoth = [
  ['KERNEL_BUFFER_ALLOC', { options: KERNEL_BUFFER_ALLOC }, invalid],
  ['KERNEL_ONLY_MAP', { options: KERNEL_ONLY_MAP }, invalid],
  ['LARGE_BUFFER without maxPages', { options: LARGE_BUFFER }, invalid],
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

    test.each([
      ...refusedForBoth,
      ['KERNEL_ONLY_MAP', { options: KERNEL_ONLY_MAP }, notImplemented] as const,
    ])('a contiguous lock refuses %s', async (_, options, statusName) => {
      const lock = at.board.card.lockContiguous(4096, options)
      await expect(lock).rejects.toMatchObject({ statusName, operation: 'lockContiguous' })
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
