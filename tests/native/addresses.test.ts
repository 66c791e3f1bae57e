// How device addresses are handed out: none twice, and none again before the window has been gone round.

import { expect, test } from 'vitest'
import type { DmaLock } from '../../native/index.ts'
import { openBoard } from './board-fixture.ts'
import { deviceAddress } from './xdma-channel.ts'

const pageByteLength = 4096
/** Device addresses from 1 MiB to 16 MiB. */
const narrow = { addressWidth: 24 }
const windowPages = (15 * 1024 * 1024) / pageByteLength

test('an address that was given back is not given again at once', async () => {
  const board = await openBoard()
  const seen = new Set<bigint>()
  const rounds = 100
  for (let round = 0; round < rounds; round++) {
    const lock = await board.contiguous(64 * 1024)
    seen.add(deviceAddress(lock))
    await lock.unlock()
  }
  expect(seen.size).toBe(rounds)
})

test('after the last address of a window come the first ones that are free', async () => {
  const board = await openBoard()
  const kept = await board.contiguous(3 * pageByteLength, narrow)
  // With the page that is left free behind it, each takes a fourth of what is left.
  const large = ((windowPages - 4) / 4 - 1) * pageByteLength
  const begins: bigint[] = []
  for (let round = 0; round < 6; round++) {
    const lock = await board.contiguous(large, narrow)
    begins.push(deviceAddress(lock))
    await lock.unlock()
  }
  const [first = 0n, second = 0n] = begins
  expect(new Set(begins.slice(0, 4)).size).toBe(4)
  expect(begins.slice(4)).toEqual([first, second])
  expect(deviceAddress(kept) < first).toBe(true)
})

test('all of a window can be locked, whatever was locked before', async () => {
  const board = await openBoard()
  for (const pages of [1, 100, 2000, 7]) {
    await (await board.contiguous(pages * pageByteLength, narrow)).unlock()
  }
  const whole = await board.contiguous((windowPages - 1) * pageByteLength, narrow)
  await expect(board.contiguous(1, narrow)).rejects.toMatchObject({
    statusName: 'WD_INSUFFICIENT_RESOURCES',
  })
  await whole.unlock()
  expect((await board.contiguous(1, narrow)).isLocked).toBe(true)
})

test('addresses of live locks never overlap, however locks come and go', async () => {
  const board = await openBoard({ fragmentation: 2 })
  const live: DmaLock[] = []
  let state = 1
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  for (let round = 0; round < 300; round++) {
    if (live.length > 20 || (live.length > 0 && below(2) === 0)) {
      await live.splice(below(live.length), 1)[0]?.unlock()
      continue
    }
    const byteLength = 1 + below(20 * pageByteLength)
    live.push(
      below(2) === 0
        ? await board.contiguous(byteLength, narrow)
        : await board.card.lockScatterGather(new Uint8Array(byteLength)),
    )
    const ranges = live
      .flatMap(({ pages }) => pages)
      .map(({ address, byteLength: bytes }) => ({ begin: address, end: address + BigInt(bytes) }))
      .sort((a, b) => (a.begin < b.begin ? -1 : 1))
    ranges.forEach(({ begin }, i) => {
      expect(begin >= (ranges[i - 1]?.end ?? 1n)).toBe(true)
    })
  }
})
