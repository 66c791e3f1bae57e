// The entries of NVMe queues (NVM Express base specification 1.4, chapters 4 to 6): what is asked, and how its data is found. Pure.

import type { Piece } from './lock-pieces.ts'

export const submissionByteLength = 64
export const completionByteLength = 16
export const pageByteLength = 4096

export const adminOpcode = { createSubmission: 0x01, createCompletion: 0x05, identify: 0x06 }
export const ioOpcode = { flush: 0x00, write: 0x01, read: 0x02 }

/** Words 6 to 9 of an entry, and whether they are a scatter/gather descriptor instead of two page addresses (PRP). */
export interface DataPointer {
  words: readonly [number, number, number, number]
  isScatterGather: boolean
}

export interface NvmeCommand {
  opcode: number
  namespace: number
  data?: DataPointer
  /** Command words 10, 11 and 12. */
  words: readonly [number, number, number]
}

/** `entries` is the queue's memory in words; a whole entry is written. */
export function writeCommand(
  entries: Uint32Array,
  index: number,
  id: number,
  { opcode, namespace, data, words }: NvmeCommand,
): void {
  const at = (index * submissionByteLength) / 4
  entries.fill(0, at, at + submissionByteLength / 4)
  entries[at] = opcode | (data?.isScatterGather ? 0x4000 : 0) | (id << 16)
  entries[at + 1] = namespace
  if (data) entries.set(data.words, at + 6)
  entries.set(words, at + 10)
}

/** Memory of a list that a command's data pointer leads to: one page. */
export interface ListPage {
  words: Uint32Array
  address: number
}

/** The most that one command moves: a list for it, also of scatter/gather descriptors, fits into its page. */
export const maxCommandByteLength = 512 * 1024

/** Whether pages of 4 KiB can say where the data is: it begins at a multiple of four, and is in one piece but for page borders. */
export function fitsPages(pieces: readonly Piece[]): boolean {
  return pieces.every(({ address, byteLength }, index) => {
    const begins = index === 0 ? address % 4 === 0 : address % pageByteLength === 0
    const ends = index === pieces.length - 1 || (address + byteLength) % pageByteLength === 0
    return begins && ends
  })
}

/** PRP entries: the first may point into its page; of more than two, all but the first stand in the list. */
export function pointToPages(pieces: readonly Piece[], list: ListPage): DataPointer {
  const [first = 0, ...rest] = pieces.flatMap(pageAddresses)
  for (const [index, address] of rest.entries()) list.words.set(split(address), 2 * index)
  const second = rest.length > 1 ? list.address : (rest[0] ?? 0)
  return { words: [...split(first), ...split(second)], isScatterGather: false }
}

/** Scatter/gather descriptors take any address; only some controllers do. One stands in the command itself, more in the list. */
export function pointToPieces(pieces: readonly Piece[], list: ListPage): DataPointer {
  const lastSegment = 0x3000_0000
  const [only] = pieces
  if (only && pieces.length === 1) {
    return { words: [...split(only.address), only.byteLength, 0], isScatterGather: true }
  }
  pieces.forEach(({ address, byteLength }, index) => {
    list.words.set([...split(address), byteLength, 0], 4 * index)
  })
  return {
    words: [...split(list.address), 16 * pieces.length, lastSegment],
    isScatterGather: true,
  }
}

function pageAddresses({ address, byteLength }: Piece): number[] {
  const addresses = [address]
  const firstBorder = address - (address % pageByteLength) + pageByteLength
  for (let at = firstBorder; at < address + byteLength; at += pageByteLength) addresses.push(at)
  return addresses
}

export function split(value: number): [low: number, high: number] {
  return [value % 2 ** 32, Math.floor(value / 2 ** 32)]
}

/** One read or write: as many blocks as its pieces hold. */
export interface BlockCommand {
  firstBlock: number
  blockCount: number
  pieces: Piece[]
  byteLength: number
}

/** `pieces` are cut so that those that end a block end a command. */
export function groupCommands(
  pieces: readonly Piece[],
  firstBlock: number,
  blockByteLength: number,
): BlockCommand[] {
  const commands: BlockCommand[] = []
  let group: Piece[] = []
  let block = firstBlock
  for (const piece of pieces) {
    group.push(piece)
    if (!piece.endsBlock) continue
    const byteLength = group.reduce((sum, part) => sum + part.byteLength, 0)
    const blockCount = byteLength / blockByteLength
    commands.push({ firstBlock: block, blockCount, pieces: group, byteLength })
    block += blockCount
    group = []
  }
  return commands
}
