// The model: what is open, locked, held and in memory, kept beside the real thing.

import {
  allocatePages,
  type DmaLock,
  freePages,
  hostLimits,
  type LockHold,
  type LockReportEntry,
} from '../../../native/index.ts'
import type { Bus, OpenedBoard } from '../bus.ts'
import { cpuPageByteLength, Memory } from './memory.ts'

/** What a bus can do beyond what all can. */
export interface Reach {
  /** Bytes that the IOMMU tells apart. */
  granule: 1 | 4096
  /** The longest move. */
  moveByteLength: number
}

export interface KnownCard {
  readonly board: OpenedBoard
  readonly locks: Set<KnownLock>
  /** Locks that opening the board has made. */
  readonly fixtures: readonly DmaLock[]
  /** `closing` from the call on. */
  state: 'open' | 'closing' | 'closed'
  /** Calls of lock, unlock and close that have not been answered. */
  callsUnderWay: number
  /** What the device read last, as far as that is known. */
  deviceBytes: Uint8Array
  /** Calls of reset, and those of them that have not been answered. */
  resets: number
  resetsUnderWay: number
  /** What the device does until it is stopped. */
  work: Work | undefined
}

/** A device that writes again and again, or is stuck. */
export interface Work {
  /** With all that have the same pages it gives the device the memory. */
  lock: KnownLock
  /** The device cannot get at the memory any more. */
  settle(): void
  /** Brings the device back to where it can be started. */
  stop(): Promise<void>
}

/** `ending` from the call of unlock or close on. */
export interface KnownLock {
  readonly card: KnownCard
  readonly lock: DmaLock
  readonly memory: Memory
  readonly offset: number
  readonly pages: readonly string[]
  /** What the lock report must say, holds apart. */
  readonly record: Partial<LockReportEntry>
  readonly showsMemory: boolean
  readonly holds: LockHold[]
  state: 'live' | 'ending' | 'ended'
}

/** Caller's memory that locks are made of. */
export interface Arena {
  bytes: Uint8Array
  memory: Memory
  /** Of whole pages that can be given back. */
  isPages: boolean
}

export class World {
  readonly cards: KnownCard[] = []
  /** All that there have been, ended ones too, oldest first. */
  readonly locks: KnownLock[] = []
  readonly arenas: Arena[] = []
  /** CPU pages that a call under way may or may not have locked. */
  readonly underWay = new Set<readonly string[]>()
  /** CPU pages locked by others than our cards: workers. */
  readonly elsewhere = new Set<readonly string[]>()
  /** Ends a worker, for each that is there. */
  readonly endings = new Set<() => Promise<void>>()
  /** How many workers there have been. */
  workers = 0
  /** One device moves at a time, or the outcome could not be known. */
  isMoving = false
  readonly #lockedBefore = hostLimits().lockedByteLength

  private constructor(
    readonly bus: Bus,
    readonly reach: Reach,
  ) {}

  static async open(bus: Bus, reach: Reach): Promise<World> {
    const world = new World(bus, reach)
    await world.openCard()
    for (const pages of [20, 9]) world.arenas.push(newPages(pages))
    world.arenas.push(await world.#newArray(9 * cpuPageByteLength + 1234))
    return world
  }

  async openCard(): Promise<KnownCard> {
    const board = await this.bus.open()
    const fixtures = [...board.card.locks]
    const card: KnownCard = {
      board,
      fixtures,
      locks: new Set(),
      state: 'open',
      callsUnderWay: 0,
      deviceBytes: new Uint8Array(0),
      resets: 0,
      resetsUnderWay: 0,
      work: undefined,
    }
    this.cards.push(card)
    return card
  }

  /** Bytes that must be locked now at least, and may be at most. */
  get lockedBounds(): { least: number; most: number } {
    const open = this.cards.filter(({ state }) => state === 'open')
    const maybe = this.cards.filter(({ state }) => state === 'closing')
    const surely = this.locks.filter(({ state }) => state === 'live')
    const ending = this.locks.filter(({ state }) => state === 'ending')
    const distinct = new Set([...surely.map(({ pages }) => pages), ...this.elsewhere].flat())
    const least = distinct.size * cpuPageByteLength + fixtureByteLength(open)
    for (const pages of [...ending.map(({ pages }) => pages), ...this.underWay]) {
      for (const page of pages) distinct.add(page)
    }
    const most = distinct.size * cpuPageByteLength + fixtureByteLength([...open, ...maybe])
    return { least: this.#lockedBefore + least, most: this.#lockedBefore + most }
  }

  /** Ends what is there, whatever state it is in: also after a failure. */
  async end(): Promise<void> {
    for (const end of this.endings) await end()
    for (const card of this.cards) {
      if (card.state === 'open') card.state = 'closing'
      await card.board.close()
    }
    for (const card of this.cards) endLocksOf(card)
    for (const { bytes, isPages } of this.arenas) if (isPages) freePages(bytes)
  }

  /** An array of the engine's: where it begins in its page only a lock can tell. */
  async #newArray(byteLength: number): Promise<Arena> {
    const bytes = new Uint8Array(byteLength)
    const [card] = this.cards
    const probe = await card?.board.card.lockScatterGather(bytes)
    await probe?.unlock()
    const pageOffset = Number((probe?.pages[0]?.address ?? 0n) % BigInt(cpuPageByteLength))
    return { bytes, memory: new Memory(byteLength, pageOffset, () => bytes), isPages: false }
  }
}

export function newPages(pages: number): Arena {
  const bytes = allocatePages(pages * cpuPageByteLength)
  return { bytes, memory: new Memory(bytes.length, 0, () => bytes), isPages: true }
}

/** A closed card has no locks. */
export function endLocksOf(card: KnownCard): void {
  card.state = 'closed'
  card.work?.settle()
  card.work = undefined
  for (const lock of card.locks) endLock(lock)
}

export function endLock(lock: KnownLock): void {
  lock.state = 'ended'
  lock.holds.length = 0
  lock.card.locks.delete(lock)
  const { work } = lock.card
  if (work?.lock !== lock) return
  const other = [...lock.card.locks].find((known) => hasPagesOf(lock, known))
  if (other) work.lock = other
  else work.settle()
}

/** Attachments on one card have the very pages of what they are attached to. */
export function hasPagesOf(one: KnownLock, other: KnownLock): boolean {
  return one.card === other.card && one.lock.pages[0]?.address === other.lock.pages[0]?.address
}

function fixtureByteLength(cards: readonly KnownCard[]): number {
  const pages = ({ byteLength }: DmaLock) => Math.ceil(byteLength / cpuPageByteLength)
  const locks = cards.flatMap(({ fixtures }) => fixtures)
  return locks.reduce((sum, lock) => sum + pages(lock), 0) * cpuPageByteLength
}
