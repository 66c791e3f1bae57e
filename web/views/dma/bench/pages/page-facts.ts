// What there is to say of a lock's pages (entries of its list, each one run of device addresses), and which of them a fault was near.

import type { BoardFault } from '../../../../../server/contract/board.ts'
import type { DmaPage } from '../../../../../server/contract/dma-session.ts'
import { oldestPage } from '../../../../../server/contract/frame.ts'
import { formatBytes, formatCount, formatDuration, formatHex } from '../../../../shared/format.ts'

/** A page with its place in the lock. */
export interface PlacedPage {
  /** From 1. */
  number: number
  offset: number
  byteLength: number
  address: bigint
}

export function placePages(pages: readonly DmaPage[]): PlacedPage[] {
  let offset = 0
  return pages.map(({ address, byteLength }, index) => {
    const placed = { number: index + 1, offset, byteLength, address: BigInt(address) }
    offset += byteLength
    return placed
  })
}

export function pageAt(pages: readonly PlacedPage[], at: number): PlacedPage | null {
  return pages.find(({ offset, byteLength }) => at < offset + byteLength) ?? null
}

/** The offset of the byte whose device address is nearest; null where no page is listed. */
export function nearestOffset(pages: readonly PlacedPage[], address: bigint): number | null {
  let nearest: { distance: bigint; offset: number } | null = null
  for (const page of pages) {
    const last = page.address + BigInt(page.byteLength) - 1n
    const inside = address < page.address ? page.address : address > last ? last : address
    const distance = address > inside ? address - inside : inside - address
    if (nearest && nearest.distance <= distance) continue
    nearest = { distance, offset: page.offset + Number(inside - page.address) }
  }
  return nearest?.offset ?? null
}

export interface PlacedFault {
  offset: number
  fault: BoardFault
}

/** Refused accesses whose address is nearest to this lock. */
export function placeFaults(
  faults: readonly BoardFault[],
  session: string,
  pages: readonly PlacedPage[],
): PlacedFault[] {
  return faults.flatMap((fault) => {
    if (fault.address === null || fault.nearestSession !== session) return []
    const offset = nearestOffset(pages, BigInt(fault.address))
    return offset === null ? [] : [{ offset, fault }]
  })
}

/** Where, and where the board sees it. */
export function placeWords(offset: number, pages: readonly PlacedPage[]): string {
  const page = pageAt(pages, offset)
  const address = page && page.address + BigInt(offset - page.offset)
  return `${formatHex(offset, 5)} · device ${address === null ? 'address not listed' : formatHex(address, 8)}`
}

/** "page 5 of 23, 12 KiB" */
export function pageWords(offset: number, pages: readonly PlacedPage[], count: number): string {
  const page = pageAt(pages, offset)
  return page
    ? `page ${formatCount(page.number)} of ${formatCount(count)}, ${formatBytes(page.byteLength)}`
    : ''
}

/** `age` in looks, of which there are `looksPerSecond`. */
export function ageWords(age: number | undefined, looksPerSecond: number): string {
  if (age === undefined) return 'not looked at yet'
  if (age === oldestPage) return 'no change seen'
  const seconds = Math.floor(age / looksPerSecond)
  return seconds === 0 ? 'changed just now' : `changed ${formatDuration(seconds * 1000)} ago`
}

/** For who hears it, and would hear each second. */
export function coarseAgeWords(age: number | undefined, looksPerSecond: number): string {
  return age === undefined || age === oldestPage || age < looksPerSecond
    ? ageWords(age, looksPerSecond)
    : 'changed lately'
}

export function faultWords({ fault }: PlacedFault): string {
  const times = fault.count > 1 ? ` ${formatCount(fault.count)} times` : ''
  return `access to ${fault.address} refused${times}`
}
