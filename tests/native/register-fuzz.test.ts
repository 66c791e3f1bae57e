// Random reads and writes of all of a board's registers while its engines run on random descriptors. The seeds are fixed.

import { expect, test } from 'vitest'
import { allocatePages, hostLimits } from '../../native/index.ts'
import { type Board, enable, openBoard, source, user } from './board-fixture.ts'
import { descriptorAddress, deviceAddress, status, writeDescriptor } from './xdma-channel.ts'

const accessesPerRound = 2048
/** How far the engines get between two accesses depends on the machine: it goes on until all has been tried. */
const rounds = { least: 10, most: 400 }
const pagesByteLength = 64 * 1024
const locked = [100, 32_001] as const
const widths = [8, 16, 32, 64] as const
const dmaBlocks = [0x0000, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000]
/** Run with everything logged, in poll mode, without increment, and with nothing logged. */
const controls = [0x00ff_fe7f, 0x00ff_fe7f, 0x04ff_fe7f, 0x02ff_fe7f, 1]
const invalid = 'WD_INVALID_PARAMETER'

/** xorshift32: the same numbers for the same seed. */
function numbers(seed: number) {
  let state = seed
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (limit: number) => next() % limit
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  return { next, below, pick }
}
type Numbers = ReturnType<typeof numbers>

/** Mostly where registers are, of which there are few in 64 KiB. */
function anyOffset({ below, pick }: Numbers, barIndex: number): number {
  if (below(10) === 0) return below(barIndex === 0 ? 4096 : 65_536)
  if (barIndex === 0) return below(0xa0)
  return pick(dmaBlocks) + 0x100 * below(5) + below(256)
}

/** Mostly a value that starts something. */
function anyValue(random: Numbers, board: Board): number {
  const { next, below, pick } = random
  const usual = [0, ...controls, 0xffff_ffff, enable | source.counter]
  const address = Number(descriptorAddress(board.ring, below(1024)) & 0xffff_ffffn)
  return pick([next(), next(), address, address, pick(usual), pick(usual), pick(usual), below(64)])
}

/** Descriptors that are half right: addresses of locked memory, of unlocked memory and of nothing. */
function scribble(random: Numbers, board: Board, targets: bigint[]): void {
  const { next, below, pick } = random
  const anywhere = () =>
    pick([pick(targets) + BigInt(below(8192)), BigInt(next()), BigInt(below(1 << 26)), 0n])
  writeDescriptor(board.ring, below(1024), {
    length: pick([0, 64, below(4096), 64 * below(128), next()]),
    source: anywhere(),
    destination: anywhere(),
    next: pick([descriptorAddress(board.ring, below(1024)), anywhere()]),
    nextAdjacent: below(64),
    stop: below(8) === 0,
    completed: below(2) === 0,
    ...(below(16) === 0 ? { magic: below(65_536) } : {}),
  })
}

function access(random: Numbers, board: Board): void {
  const { below, pick } = random
  const barIndex = below(2)
  const width = pick(widths)
  const register = { barIndex, offset: anyOffset(random, barIndex), width }
  try {
    const value = board.card.readRegister(register)
    expect(value >= 0).toBe(true)
    if (below(3) > 0) {
      const word = anyValue(random, board)
      const fitting = width < 32 ? word % 2 ** width : word
      board.card.writeRegister(register, width === 64 ? BigInt(word) << 16n : fitting)
    }
  } catch (error) {
    expect((error as { statusName?: string }).statusName).toBe(invalid)
    expect(register.offset % (width / 8) !== 0 || register.offset + width / 8 > 4096).toBe(true)
  }
}

function startAny({ below, pick }: Numbers, board: Board): void {
  const channel = pick([board.h2c(0), board.h2c(1), board.c2h(0), board.c2h(1)])
  const address = descriptorAddress(board.ring, below(1024))
  const adjacent = below(2) * below(64)
  if (below(4) === 0) board.writeUser(user.adcControl, enable | source.counter)
  channel.start(address, adjacent, pick(controls))
}

async function runsAsEver(board: Board): Promise<void> {
  const lock = await board.contiguous(4096)
  lock.userBytes.fill(5)
  writeDescriptor(board.ring, 0, {
    length: 4096,
    source: deviceAddress(lock),
    destination: 0n,
    stop: true,
    completed: true,
  })
  board.h2c(0).start(descriptorAddress(board.ring))
  await board.h2c(0).untilIdle()
  expect([board.h2c(0).read(0x44), board.h2c(0).completedCount]).toEqual([
    status.stopped | status.completed,
    1,
  ])
  await lock.unlock()
}

test.each([1, 0x9e37_79b9, 0x1234_5678])('seed %d does no harm', async (seed) => {
  const random = numbers(seed)
  const before = hostLimits().lockedByteLength
  const board = await openBoard({ fragmentation: 2, memoryByteLength: 1 << 20 })
  let refused = 0
  board.card.onFault(({ count }) => {
    refused += count
  })
  for (let vector = 0; vector < 32; vector++) board.card.onInterrupt(vector, () => {})
  // Only a part of it is locked, which begins and ends within a page.
  const pages = allocatePages(pagesByteLength).fill(0xa5)
  const lockPart = () => board.card.lockScatterGather(pages.subarray(...locked))
  let data = await lockPart()
  // Those of ended locks stay among them.
  const targets = [deviceAddress(board.ring), deviceAddress(data)]
  const changed = (part: Uint8Array) => part.some((byte) => byte !== 0xa5)
  const wasTried = () =>
    refused > 0 &&
    changed(pages.subarray(...locked)) &&
    board.card.complaints().some((text) => text.includes('unlocked'))
  for (let round = 0; round < rounds.least || (round < rounds.most && !wasTried()); round++) {
    for (let i = 0; i < accessesPerRound; i++) {
      if (i % 4 === 0) scribble(random, board, targets)
      if (i % 16 === 0) startAny(random, board)
      access(random, board)
      if (i % 256 !== 255) continue
      // Messages are handed over, and what hangs goes on.
      await new Promise((resolve) => setImmediate(resolve))
      if (random.below(2) === 0) await board.card.restoreLink()
      board.card.setBusMaster(true)
    }
    // Memory goes away under the engines.
    await data.unlock()
    data = await lockPart()
    targets.push(deviceAddress(data))
  }
  await board.card.restoreLink()
  board.card.setBusMaster(true)
  expect(board.card.pendingTransactions).toBe(0)
  for (const channel of [board.h2c(0), board.h2c(1), board.c2h(0), board.c2h(1)]) {
    const registers = [0x04, 0x40, 0x48, 0x88, 0x8c, 0x90, 0x4080, 0x4084, 0x4088, 0x408c]
    expect(registers.map((offset) => channel.read(offset))).toEqual(registers.map(() => 0))
  }
  expect([0x04, 0x10, 0x44, 0x80, 0xa0].map((offset) => board.readIrq(offset))).toEqual([
    0, 0, 0, 0, 0,
  ])
  expect(changed(pages.subarray(0, locked[0])) || changed(pages.subarray(locked[1]))).toBe(false)
  expect(wasTried()).toBe(true)
  await runsAsEver(board)
  await board.card.close()
  expect(hostLimits().lockedByteLength).toBe(before)
})
