// What must be true at any time, looked at from the outside.

import { expect } from 'vitest'
import { hostLimits } from '../../../native/index.ts'
import { cpuPageByteLength } from './memory.ts'
import type { KnownCard, KnownLock, World } from './world.ts'

const cpuPage = BigInt(cpuPageByteLength)

export async function checkInvariants(world: World): Promise<void> {
  checkResidency(world)
  for (const { memory } of world.arenas) memory.check()
  for (const lock of world.locks) checkState(lock)
  for (const card of world.cards) {
    checkAddresses(card)
    checkList(card)
    await checkReport(card)
  }
}

/** Resident bytes are the pages of the live locks, each counted once. */
function checkResidency(world: World): void {
  const { least, most } = world.lockedBounds
  const { lockedByteLength } = hostLimits()
  expect(lockedByteLength, 'VmLck').toBeGreaterThanOrEqual(least)
  expect(lockedByteLength, 'VmLck').toBeLessThanOrEqual(most)
}

function checkState({ lock, state, memory, showsMemory }: KnownLock): void {
  if (state !== 'ending') expect(lock.isLocked).toBe(state === 'live')
  if (state === 'live' && showsMemory) memory.check()
  if (state === 'ended' && lock.kind === 'contiguous') expect(lock.userBytes.byteLength).toBe(0)
}

/** No CPU page of device addresses is two locks', and none is 0. */
function checkAddresses(card: KnownCard): void {
  const live = [...card.locks].filter(({ state }) => state === 'live')
  // What is attached to a lock of the same card has its very addresses.
  const apart = new Map(
    live.map(({ lock }) => [`${lock.originalHandle} ${lock.pages[0]?.address}`, lock]),
  )
  const fixtures = card.state === 'open' ? card.fixtures : []
  const ranges = [...apart.values(), ...fixtures]
    .flatMap(({ pages }) => pages)
    .map(({ address, byteLength }) => ({
      begin: address - (address % cpuPage),
      end: address + BigInt(byteLength),
    }))
    .sort((a, b) => (a.begin < b.begin ? -1 : 1))
  ranges.forEach(({ begin }, i) => {
    const before = ranges[i - 1]?.end ?? 1n
    if (begin < before) expect.fail(`address 0x${begin.toString(16)} is handed out twice`)
  })
}

/** Locks = unlocks + live: what the card lists is what was locked and has not been unlocked. */
function checkList({ board, locks, fixtures, state }: KnownCard): void {
  const listed = new Set(board.card.locks)
  const live = [...locks].filter((known) => known.state === 'live')
  for (const { lock } of live) expect(listed.has(lock)).toBe(true)
  if (state === 'closed') expect(listed.size).toBe(0)
  const known = new Set([...[...locks].map(({ lock }) => lock), ...fixtures])
  for (const lock of listed) expect(known.has(lock)).toBe(true)
}

/** The same from the addon's books. Calls may end while the report is made. */
async function checkReport(card: KnownCard): Promise<void> {
  const ownHandles = new Set(card.fixtures.map(({ handle }) => handle))
  const before = [...card.locks].filter(({ state }) => state === 'live')
  const holdsBefore = new Map(before.map((known) => [known, users(known)]))
  const cardWasOpen = card.state === 'open'
  const report = await card.board.card.lockReport()
  const byHandle = new Map(report.map((record) => [record.handle, record]))
  for (const known of before) {
    if (known.state !== 'live') continue
    const record = byHandle.get(known.lock.handle)
    expect(record).toMatchObject(known.record)
    const holds = users(known)
    if (holds.join() === holdsBefore.get(known)?.join()) expect(record?.holds).toEqual(holds)
  }
  if (card.state === 'closed' && !cardWasOpen) expect(report).toEqual([])
  // A lock that has just been made may be in the report before its promise is handled.
  if (isQuiet(card)) {
    const known = [...card.locks].map(({ lock }) => lock.handle)
    const expected = [...(cardWasOpen ? ownHandles : []), ...known].sort()
    expect([...byHandle.keys()].sort()).toEqual(expected)
  }
}

const users = ({ holds }: KnownLock) => holds.map(({ user }) => user)

/** No call is under way on the card. */
function isQuiet(card: KnownCard): boolean {
  return card.callsUnderWay === 0
}
