// Lists of register commands, and pages of locks accessed like registers.

import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import {
  allocatePages,
  openCard,
  type RegisterCommand,
  type RegisterWidth,
} from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { compiledNative } from '../native/compiled-native.ts'
import { busiestSince, otherThreads } from '../support/thread-times.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const invalid = { statusName: 'WD_INVALID_PARAMETER', operation: 'transferRegisters' }
const ms = (since: number) => performance.now() - since

export function registerSuite(bus: Bus): void {
  /** 32-bit registers that keep small numbers and have no effect on an idle board. */
  const scratch = (word = 0, width: RegisterWidth = 32) =>
    ({ barIndex: bus.scratch.barIndex, offset: bus.scratch.offset + 4 * word, width }) as const

  const pairTest = test.skipIf(!bus.scratch.isPair)

  describe('register list', () => {
    const at = eachBoard(bus)
    const run = (...commands: RegisterCommand[]) => at.board.card.transferRegisters(commands)

    test('[WD_Transfer] one access at a time', () => {
      const { card } = at.board
      card.writeRegister(scratch(), 0x1234)
      expect(card.readRegister(scratch())).toBe(0x1234)
      if (!bus.scratch.isPair) return
      expect(card.readRegister(scratch(0, 16))).toBe(0x1234)
      expect(card.readRegister(scratch(0, 8))).toBe(0x34)
    })

    test('[WD_MultiTransfer] [RM_DWORD] [WM_DWORD] runs in order', async () => {
      const outcome = await run(
        { command: 'write', register: scratch(), value: 1 },
        { command: 'read', register: scratch() },
        { command: 'write', register: scratch(), value: 2n },
        { command: 'read', register: scratch() },
      )
      expect(outcome).toEqual({ values: [undefined, 1, undefined, 2], completed: 4, matched: true })
    })

    pairTest('[RM_BYTE] [RM_WORD] [RM_QWORD] [WM_QWORD] every width', async () => {
      const { values } = await run(
        { command: 'write', register: scratch(0, 64), value: 0x0000_0506_0000_0708n },
        { command: 'read', register: scratch(0, 8) },
        { command: 'read', register: scratch(1, 16) },
        { command: 'read', register: scratch(1) },
        { command: 'read', register: scratch(0, 64) },
      )
      expect(values).toEqual([undefined, 0x08, 0x0506, 0x0506, 0x0000_0506_0000_0708n])
    })

    pairTest(
      '[RM_SDWORD] [WM_SDWORD] [RM_SQWORD] [RM_SBYTE] blocks from register to register',
      async () => {
        const bytes = new Uint8Array(new Uint32Array([0x11, 0x22]).buffer)
        const { values } = await run(
          { command: 'writeBlock', register: scratch(), bytes, autoIncrement: true },
          { command: 'readBlock', register: scratch(), byteLength: 8, autoIncrement: true },
          { command: 'readBlock', register: scratch(0, 64), byteLength: 8, autoIncrement: true },
          { command: 'readBlock', register: scratch(0, 8), byteLength: 5, autoIncrement: true },
        )
        expect(values).toEqual([undefined, bytes, bytes, bytes.subarray(0, 5)])
      },
    )

    pairTest.each([
      ['[WM_BYTE] [WM_SBYTE]', 8],
      ['[WM_WORD] [WM_SWORD]', 16],
    ] as const)('%s narrow writes go out', async (_, width) => {
      const bytes = new Uint8Array(4).fill(1)
      const outcome = await run(
        { command: 'write', register: scratch(0, width), value: 1 },
        { command: 'writeBlock', register: scratch(0, width), bytes, autoIncrement: true },
      )
      expect(outcome.completed).toBe(2)
    })

    pairTest('[RM_SWORD] [WM_SQWORD] blocks of other widths', async () => {
      const bytes = new Uint8Array(new Uint32Array([0x33, 0x44]).buffer)
      const { values } = await run(
        { command: 'writeBlock', register: scratch(0, 64), bytes, autoIncrement: true },
        { command: 'readBlock', register: scratch(0, 16), byteLength: 8, autoIncrement: true },
      )
      expect(values[1]).toEqual(bytes)
    })

    test('blocks of one register', async () => {
      const bytes = new Uint8Array(new Uint32Array([1, 2, 3, 4]).buffer)
      const { values } = await run(
        { command: 'writeBlock', register: scratch(), bytes, autoIncrement: false },
        { command: 'readBlock', register: scratch(), byteLength: 12, autoIncrement: false },
      )
      expect(values[1]).toEqual(new Uint8Array(new Uint32Array([4, 4, 4]).buffer))
    })

    test('[CMD_MASK] no bit in common skips the rest, and says so', async () => {
      const list = (mask: number | bigint): RegisterCommand[] => [
        { command: 'write', register: scratch(), value: 0b0100 },
        { command: 'read', register: scratch() },
        { command: 'mask', mask },
        { command: 'write', register: scratch(), value: 0 },
      ]
      expect(await run(...list(0b1011))).toMatchObject({ completed: 3, matched: false })
      expect(at.board.card.readRegister(scratch())).toBe(0b0100)
      expect(await run(...list(0b0110n))).toMatchObject({ completed: 4, matched: true })
      expect(at.board.card.readRegister(scratch())).toBe(0)
    })

    test('a poll ends when the register is as it should be', async () => {
      const { card } = at.board
      card.writeRegister(scratch(), 0)
      setTimeout(() => card.writeRegister(scratch(), 0x17), 30)
      const { values } = await run(
        { command: 'pollUntil', register: scratch(), mask: 0xf, value: 7, timeoutMs: 5000 },
        { command: 'mask', mask: 0x10 },
        { command: 'read', register: scratch() },
      )
      expect(values).toEqual([0x17, undefined, 0x17])
    })

    test('a poll in vain is WD_TIME_OUT_EXPIRED, neither on the event loop nor spinning', async () => {
      const poll = { command: 'pollUntil', mask: 1, value: 1, timeoutMs: 300 } as const
      let turns = 0
      const ticking = setInterval(() => turns++, 10)
      const threads = otherThreads()
      const begun = performance.now()
      await expect(
        run(
          { command: 'write', register: scratch(), value: 6 },
          { ...poll, register: scratch() },
          { command: 'write', register: scratch(), value: 0 },
        ),
      ).rejects.toMatchObject({ statusName: 'WD_TIME_OUT_EXPIRED', operation: 'transferRegisters' })
      clearInterval(ticking)
      expect(ms(begun)).toBeGreaterThanOrEqual(300)
      expect(turns).toBeGreaterThan(5)
      // Spinning would take all of a processor.
      expect(busiestSince(threads)).toBeLessThan(0.5 * ms(begun))
      expect(at.board.card.readRegister(scratch())).toBe(6)
    })

    test('a poll of a card that is closed ends at once', async () => {
      const { card } = at.board
      const poll = { command: 'pollUntil', mask: 1, value: 1, timeoutMs: 10_000 } as const
      card.writeRegister(scratch(), 0)
      const polling = run({ ...poll, register: scratch() })
      const begun = performance.now()
      setTimeout(() => card.close(), 20)
      await expect(polling).rejects.toMatchObject({ statusName: 'WD_INVALID_HANDLE' })
      expect(ms(begun)).toBeLessThan(2000)
    })

    test('a worker in a poll can be terminated', async () => {
      await at.board.close()
      const worker = new Worker(
        `(async () => {
          const { openCard } = await import(${JSON.stringify(compiledNative())})
          const card = await openCard(${bus.config})
          const poll = { command: 'pollUntil', mask: 1, value: 1, timeoutMs: 10000 }
          const register = ${JSON.stringify(scratch())}
          card.transferRegisters([{ command: 'write', register, value: 0 }, { ...poll, register }])
          require('node:worker_threads').parentPort.postMessage('polling')
        })()`,
        { eval: true },
      )
      await new Promise((resolve) => worker.once('message', resolve))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const begun = performance.now()
      await worker.terminate()
      expect(ms(begun)).toBeLessThan(5000)
    })

    const readBlock = { command: 'readBlock', register: scratch(), autoIncrement: false } as const
    const poll = { command: 'pollUntil', register: scratch(), mask: 1, value: 1 } as const
    const refused: [string, unknown[]][] = [
      ['no command', []],
      ['too many commands', Array(4097).fill({ command: 'read', register: scratch() })],
      ['[RP_BYTE] [WP_BYTE] a port', [{ command: 'readPort', register: scratch() }]],
      ['[CMD_NONE] nothing to do', [{ command: 'none' }]],
      ['[CMD_END] an end', [{ command: 'end' }]],
      ['a mask without a read', [{ command: 'mask', mask: 1 }]],
      [
        'a mask after a write',
        [
          { command: 'write', register: scratch(), value: 1 },
          { command: 'mask', mask: 1 },
        ],
      ],
      ['a register that is not there', [{ command: 'read', register: scratch(1 << 28) }]],
      ['no register', [{ command: 'read' }]],
      ['a value that does not fit', [{ command: 'write', register: scratch(), value: 2 ** 32 }]],
      ['a negative value', [{ command: 'write', register: scratch(), value: -1 }]],
      ['an empty block', [{ ...readBlock, byteLength: 0 }]],
      ['half an element', [{ ...readBlock, byteLength: 6 }]],
      ['a block above 1 MiB', [{ ...readBlock, byteLength: (1 << 20) + 4 }]],
      ['more than 16 MiB', Array(17).fill({ ...readBlock, byteLength: 1 << 20 })],
      ['a block beyond the BAR', [{ ...readBlock, byteLength: 1 << 20, autoIncrement: true }]],
      ['a poll of more than 10 s', [{ ...poll, timeoutMs: 10_001 }]],
      ['a poll without an end', [poll]],
    ]
    test.each(refused)('%s is refused before anything runs', async (_, commands) => {
      const { card } = at.board
      card.writeRegister(scratch(), 5)
      const write = { command: 'write', register: scratch(), value: 9 }
      const list = commands.length ? [write, ...commands] : commands
      const running = card.transferRegisters(list as RegisterCommand[])
      await expect(running).rejects.toMatchObject(invalid)
      expect(card.readRegister(scratch())).toBe(5)
    })
  })

  describe('memory item', () => {
    const at = eachBoard(bus)

    test('is one page of a lock in every width', async () => {
      const { card } = at.board
      const bytes = allocatePages(3 * 4096)
      const lock = await card.lockScatterGather(bytes, {
        options: dmaOptions.DISABLE_MERGE_ADJACENT_PAGES,
      })
      const item = card.registerMemoryItem(lock, 1)
      expect(item).toMatchObject(lock.pages[1] ?? {})
      item.writeRegister({ offset: 8, width: 64 }, 0x8877_6655_4433_2211n)
      expect([...bytes.subarray(4096 + 8, 4096 + 16)]).toEqual([
        0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
      ])
      item.writeRegister({ offset: 8, width: 8 }, 0xa1)
      item.writeRegister({ offset: 10, width: 16 }, 0xb3b2)
      item.writeRegister({ offset: 12, width: 32 }, 0xc4c3_c2c1)
      expect(item.readRegister({ offset: 8, width: 64 })).toBe(0xc4c3_c2c1_b3b2_22a1n)
      expect(item.readRegister({ offset: 8, width: 8 })).toBe(0xa1)
      expect(item.readRegister({ offset: 10, width: 16 })).toBe(0xb3b2)
      expect(item.readRegister({ offset: 12, width: 32 })).toBe(0xc4c3_c2c1)
    })

    test('shows what the board moved to memory that user space does not see', async () => {
      const { card, move } = at.board
      const byteLength = Math.min(4092, bus.limits.moveByteLength)
      const source = await card.lockContiguous(4096)
      source.userBytes.fill(0x5a)
      expect(await move.call(at.board, source, 'toDevice', 0, byteLength)).toBe('moved')
      const lock = await card.lockContiguous(4096, { options: dmaOptions.KERNEL_ONLY_MAP })
      expect(await move.call(at.board, lock, 'fromDevice', 0, byteLength)).toBe('moved')
      const item = card.registerMemoryItem(lock, 0)
      expect(item.readRegister({ offset: byteLength - 4, width: 32 })).toBe(0x5a5a_5a5a)
    })

    test.each([
      ['beyond the page', { offset: 4096, width: 8 }, 0],
      ['across its end', { offset: 4092, width: 64 }, 0n],
      ['before it', { offset: -4, width: 32 }, 0],
      ['at no multiple of the width', { offset: 2, width: 32 }, 0],
      ['of another width', { offset: 0, width: 24 }, 0],
      ['of a value that does not fit', { offset: 0, width: 8 }, 256],
      ['of a negative value', { offset: 0, width: 64 }, -1n],
    ])('refuses an access %s', async (_, address, value) => {
      const { card } = at.board
      const lock = await card.lockScatterGather(allocatePages(3 * 4096), {
        options: dmaOptions.DISABLE_MERGE_ADJACENT_PAGES,
      })
      const item = card.registerMemoryItem(lock, 1)
      expect(() => item.writeRegister(address as never, value)).toThrow(
        expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation: 'writeRegister' }),
      )
    })

    test('is of no use after unlock', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(4096)
      const item = card.registerMemoryItem(lock, 0)
      item.writeRegister({ offset: 0, width: 32 }, 7)
      await lock.unlock()
      const ended = expect.objectContaining({ statusName: 'WD_INVALID_HANDLE' })
      expect(() => item.readRegister({ offset: 0, width: 32 })).toThrow(ended)
      expect(() => item.writeRegister({ offset: 0, width: 32 }, 1)).toThrow(ended)
      expect(() => card.registerMemoryItem(lock, 0)).toThrow(ended)
    })

    test('needs a page that is there, of a lock of the card', async () => {
      const { card } = at.board
      const lock = await card.lockContiguous(4096)
      const refused = expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' })
      for (const index of [1, -1, 0.5]) {
        expect(() => card.registerMemoryItem(lock, index)).toThrow(refused)
      }
      const other = await openCard(JSON.parse(bus.otherConfig))
      expect(() => other.registerMemoryItem(lock, 0)).toThrow(refused)
      await other.close()
    })
  })
}
