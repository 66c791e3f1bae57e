import { describe, expect, it } from 'vitest'
import { cutIntoPieces } from '../../../server/drivers/lock-pieces.ts'
import {
  fitsPages,
  groupCommands,
  maxCommandByteLength,
  pointToPages,
  pointToPieces,
  writeCommand,
} from '../../../server/drivers/nvme-commands.ts'
import { readController, readNamespace } from '../../../server/drivers/nvme-identity.ts'
import { planCommands } from '../../../server/drivers/nvme-rules.ts'
import { nvmeError } from '../../../server/drivers/nvme-status.ts'

const piece = (address: number, byteLength: number) => ({ address, byteLength, endsBlock: false })
const listPage = () => ({ words: new Uint32Array(1024), address: 0x5_0000_3000 })
const high = 0x2_0000_0000

describe('page addresses of a command (PRP)', () => {
  it('needs no second one for what fits the rest of a page', () => {
    const { words } = pointToPages([piece(high + 0xe00, 512)], listPage())
    expect(words).toEqual([0xe00, 2, 0, 0])
  })

  it('has the second of two pages in the command itself', () => {
    const pieces = [piece(high + 0xe00, 512), piece(0x7000, 4096)]
    expect(pointToPages(pieces, listPage()).words).toEqual([0xe00, 2, 0x7000, 0])
    expect(pointToPages([piece(0x1800, 4096)], listPage()).words).toEqual([0x1800, 0, 0x2000, 0])
  })

  it('has all but the first in the list when there are more', () => {
    const list = listPage()
    const pieces = [piece(0x1800, 2048), piece(high, 8192), piece(0x9000, 100)]
    expect(pointToPages(pieces, list).words).toEqual([0x1800, 0, 0x3000, 5])
    expect([...list.words.subarray(0, 8)]).toEqual([0, 2, 0x1000, 2, 0x9000, 0, 0, 0])
  })

  it('fits the longest command at the worst offset into one page of entries', () => {
    const list = listPage()
    pointToPages([piece(0x1ffc, maxCommandByteLength)], list)
    const used = list.words.findLastIndex((word) => word !== 0)
    expect(used).toBe(2 * 128 - 2)
  })
})

describe('memory that page addresses cannot describe', () => {
  it('is what begins off a multiple of four, or has a hole within a page', () => {
    expect(fitsPages([piece(0x1004, 4092), piece(0x8000, 512)])).toBe(true)
    expect(fitsPages([piece(0x1001, 4095), piece(0x8000, 512)])).toBe(false)
    expect(fitsPages([piece(0x1000, 512), piece(0x8000, 512)])).toBe(false)
    expect(fitsPages([piece(0x1000, 4096), piece(0x8200, 512)])).toBe(false)
  })

  it('is described by scatter/gather descriptors', () => {
    const list = listPage()
    const one = pointToPieces([piece(high + 1, 512)], list)
    expect(one).toEqual({ words: [1, 2, 512, 0], isScatterGather: true })
    const two = pointToPieces([piece(high + 1, 4095), piece(0x8000, 1)], list)
    expect(two.words).toEqual([0x3000, 5, 32, 0x3000_0000])
    expect([...list.words.subarray(0, 8)]).toEqual([1, 2, 4095, 0, 0x8000, 0, 1, 0])
  })
})

describe('commands', () => {
  it('are written as 64 bytes that leave nothing of the entry before', () => {
    const entries = new Uint32Array(32).fill(0xffff_ffff)
    const data = { words: [1, 2, 3, 4] as const, isScatterGather: true }
    writeCommand(entries, 1, 9, { opcode: 2, namespace: 1, data, words: [5, 6, 7] })
    expect([...entries.subarray(16)]).toEqual([
      ...[0x9_4002, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0],
    ])
    expect(entries.subarray(0, 16).every((word) => word === 0xffff_ffff)).toBe(true)
  })

  it('follow each other block by block', () => {
    const pages = [
      { address: 0x1e00n, byteLength: 512 },
      { address: 0x8000n, byteLength: 4096 },
    ]
    const range = { offset: 0, byteLength: 4608, blockByteLength: 2048 }
    const commands = groupCommands(cutIntoPieces(pages, range), 100, 512)
    expect(commands.map(({ firstBlock, blockCount }) => [firstBlock, blockCount])).toEqual([
      [100, 4],
      [104, 4],
      [108, 1],
    ])
    expect(commands[0]?.pieces.map(({ address }) => address)).toEqual([0x1e00, 0x8000])
  })
})

describe('what a namespace is asked to do', () => {
  const channel = (direction: 'h2c' | 'c2h') => ({
    ...{ id: `${direction}0`, direction, kind: 'memory' as const, name: 'Namespace 1' },
    ...{ byteLengthMultiple: 512, modes: ['once' as const], deviceByteLength: 512_000 },
    ...{ deviceBlockByteLength: 512, unavailable: null },
  })
  const limits = {
    ...{ writable: true, blockCount: 1000, blockByteLength: 512 },
    ...{ maxTransferByteLength: 1024, takesScatterGather: false },
  }
  const pages = [{ address: 0x1000n, byteLength: 8192 }]
  const request = {
    ...{ channel: '', mode: 'once' as const, offset: 0, byteLength: 2560, deviceAddress: 995n },
    ...{ blockByteLength: 2560, timeoutMs: 0 },
    lock: { byteLength: 8192, direction: 'toFromDevice' as const, pages },
  }

  it('is cut at what one command may move, up to the last block', () => {
    const commands = planCommands(channel('c2h'), request, limits)
    expect(commands.map(({ byteLength }) => byteLength)).toEqual([1024, 1024, 512])
  })

  it.each([
    ['a write where it may not be written', 'h2c', {}, { writable: false }, 'READ_ONLY'],
    ['a block past the end', 'c2h', { deviceAddress: 996n }, {}, 'OUT_OF_RANGE'],
    ['half a block', 'c2h', { byteLength: 768 }, {}, 'ALIGNMENT'],
    ['a ring', 'c2h', { mode: 'cyclic' as const }, {}, 'MODE'],
    ['an odd address without scatter/gather', 'c2h', { offset: 1 }, {}, 'ALIGNMENT'],
  ] as const)('refuses %s', (_, direction, changes, otherLimits, code) => {
    const plan = () =>
      planCommands(channel(direction), { ...request, ...changes }, { ...limits, ...otherLimits })
    expect(plan).toThrow(expect.objectContaining({ code }))
  })
})

describe('what the controller says', () => {
  it('names itself, and how much a command may move', () => {
    const page = new Uint8Array(4096)
    Buffer.from('serial'.padEnd(20)).copy(page, 4)
    Buffer.from('A disk'.padEnd(40)).copy(page, 24)
    Buffer.from('1.0'.padEnd(8)).copy(page, 64)
    page[77] = 7
    page[536] = 1
    expect(readController(page, 4096)).toEqual({
      ...{ serial: 'serial', model: 'A disk', firmware: '1.0' },
      ...{ maxTransferByteLength: 512 * 1024, takesScatterGather: true },
    })
  })

  it('says how long a block is in the format that is in use', () => {
    const page = new Uint8Array(4096)
    const view = new DataView(page.buffer)
    view.setBigUint64(0, 77n, true)
    view.setUint8(26, 2)
    view.setUint32(128 + 8, 0x000c_0008, true)
    expect(readNamespace(page)).toEqual({
      ...{ blockCount: 77, blockByteLength: 4096, metadataByteLength: 8 },
    })
  })

  it('has a word for each status, with or without its upper bits', () => {
    expect(nvmeError('A read', 0x4080).code).toBe('OUT_OF_RANGE')
    expect(nvmeError('A read', 0x4013).code).toBe('ALIGNMENT')
    expect(nvmeError('A read', 0x7ff).code).toBe('BOARD_FAULT')
  })
})
