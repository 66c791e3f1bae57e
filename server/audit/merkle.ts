// The Merkle tree of RFC 6962, section 2.1, over SHA-256. Imports nothing of ours: the verifier is built from it.

import { hash } from 'node:crypto'

export const hashByteLength = 32

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

// By way of a string, which costs less than half of what a Hash object does.
const sha256 = (bytes: Uint8Array) => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')

/** Text is hashed as UTF-8. */
export const leafHash = (data: Uint8Array | string) =>
  sha256(Buffer.concat([leafPrefix, typeof data === 'string' ? Buffer.from(data) : data]))

export const nodeHash = (left: Uint8Array, right: Uint8Array) =>
  sha256(Buffer.concat([nodePrefix, left, right]))
export const emptyRoot = sha256(Buffer.of())

/** The roots of the perfect subtrees of a tree, the largest first: all that it takes to append and to know the root. */
export class Frontier {
  readonly #roots: Buffer[]
  #size: number

  /** `roots` has one hash for each bit that is set in `size`. Throws a RangeError if not. */
  constructor(size = 0, roots: readonly Buffer[] = []) {
    const fits = Number.isSafeInteger(size) && size >= 0 && roots.length === bitsSet(size)
    if (!fits || roots.some(({ length }) => length !== hashByteLength)) {
      throw new RangeError(`a tree of ${size} leaves does not have these ${roots.length} roots`)
    }
    this.#size = size
    this.#roots = [...roots]
  }

  static fromBytes(size: number, bytes: Uint8Array): Frontier {
    return new Frontier(size, split(bytes))
  }

  get size(): number {
    return this.#size
  }

  get roots(): readonly Buffer[] {
    return this.#roots
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#roots)
  }

  clone(): Frontier {
    return new Frontier(this.#size, this.#roots)
  }

  /** Returns the roots of the subtrees that this leaf completes: of 1 leaf (itself), of 2, of 4 and so on. */
  append(leaf: Buffer): Buffer[] {
    const completed = [leaf]
    this.#roots.push(leaf)
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const right = this.#roots.pop() as Buffer
      const left = this.#roots.pop() as Buffer
      const node = nodeHash(left, right)
      this.#roots.push(node)
      completed.push(node)
    }
    this.#size += 1
    return completed
  }

  root(): Buffer {
    return (
      this.#roots.reduceRight<Buffer | null>(
        (right, left) => (right ? nodeHash(left, right) : left),
        null,
      ) ?? emptyRoot
    )
  }
}

/** The hash of the perfect subtree over the leaves from `start` up to and without `end`. */
export type SubtreeHash = (start: number, end: number) => Promise<Buffer>

/** That the leaf with this index, from 0, is in the tree of `size` leaves; bottom up. */
export async function inclusionProof(
  index: number,
  size: number,
  subtree: SubtreeHash,
): Promise<Buffer[]> {
  return path(index, 0, size, subtree)
}

/** How many hashes the proof has. */
export function inclusionProofLength(index: number, size: number): number {
  let length = 0
  for (let [start, end] = [0, size]; end - start > 1; length += 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) end = middle
    else start = middle
  }
  return length
}

async function path(
  index: number,
  start: number,
  end: number,
  subtree: SubtreeHash,
): Promise<Buffer[]> {
  if (end - start === 1) return []
  const middle = start + largestPowerBelow(end - start)
  return index < middle
    ? [...(await path(index, start, middle, subtree)), await rangeHash(middle, end, subtree)]
    : [...(await path(index, middle, end, subtree)), await rangeHash(start, middle, subtree)]
}

/** That the tree of the first `from` leaves is the beginning of the one of `to`. 0 < from ≤ to. */
export async function consistencyProof(
  from: number,
  to: number,
  subtree: SubtreeHash,
): Promise<Buffer[]> {
  return subproof(from, 0, to, true, subtree)
}

async function subproof(
  from: number,
  start: number,
  end: number,
  isKnown: boolean,
  subtree: SubtreeHash,
): Promise<Buffer[]> {
  if (from === end) return isKnown ? [] : [await rangeHash(start, end, subtree)]
  const middle = start + largestPowerBelow(end - start)
  return from <= middle
    ? [
        ...(await subproof(from, start, middle, isKnown, subtree)),
        await rangeHash(middle, end, subtree),
      ]
    : [
        ...(await subproof(from, middle, end, false, subtree)),
        await rangeHash(start, middle, subtree),
      ]
}

async function rangeHash(start: number, end: number, subtree: SubtreeHash): Promise<Buffer> {
  const length = end - start
  const largest = length === 1 ? 1 : largestPowerBelow(length)
  if (length === 1 || largest * 2 === length) return subtree(start, end)
  const middle = start + largest
  const right = await rangeHash(middle, end, subtree)
  return nodeHash(await rangeHash(start, middle, subtree), right)
}

/**
 * Goes up from a node of a tree whose last node on that level is `last`, by RFC 9162, sections 2.1.3.2 and 2.1.4.2: `join` is told of
 * each sibling on the way and whether it is the left one. True where the siblings lead to the root and no further.
 */
function climb(
  { node, last }: { node: number; last: number },
  siblings: readonly Buffer[],
  join: (sibling: Buffer, isLeft: boolean) => void,
): boolean {
  for (const sibling of siblings) {
    if (last === 0) return false
    const isLeft = node % 2 === 1 || node === last
    join(sibling, isLeft)
    // The last node of a level may have no sibling there, nor on the levels above.
    while (isLeft && node % 2 === 0 && node !== 0) {
      node = Math.floor(node / 2)
      last = Math.floor(last / 2)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0
}

export function verifyInclusion(
  { leaf, index, size, root }: { leaf: Buffer; index: number; size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (index < 0 || index >= size) return false
  let hash = leaf
  const isRoot = climb({ node: index, last: size - 1 }, proof, (sibling, isLeft) => {
    hash = isLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
  })
  return isRoot && hash.equals(root)
}

export function verifyConsistency(
  { from, to, fromRoot, toRoot }: { from: number; to: number; fromRoot: Buffer; toRoot: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (from <= 0 || from > to) return false
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot)
  const isPower = bitsSet(from) === 1
  const [first, ...rest] = isPower ? [fromRoot, ...proof] : proof
  if (!first) return false
  let node = from - 1
  let last = to - 1
  while (node % 2 === 1) {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  let oldHash = first
  let newHash = first
  const isRoot = climb({ node, last }, rest, (sibling, isLeft) => {
    if (isLeft) oldHash = nodeHash(sibling, oldHash)
    newHash = isLeft ? nodeHash(sibling, newHash) : nodeHash(newHash, sibling)
  })
  return isRoot && oldHash.equals(fromRoot) && newHash.equals(toRoot)
}

/** Hashes that lie one behind the other. Throws a RangeError for a length that is no multiple of one. */
export function split(bytes: Uint8Array): Buffer[] {
  if (bytes.byteLength % hashByteLength !== 0) throw new RangeError('these are not whole hashes')
  const all = Buffer.from(bytes)
  return Array.from({ length: all.length / hashByteLength }, (_, n) =>
    all.subarray(n * hashByteLength, (n + 1) * hashByteLength),
  )
}

/** Of a length above 1. */
function largestPowerBelow(length: number): number {
  let power = 1
  while (power * 2 < length) power *= 2
  return power
}

function bitsSet(value: number): number {
  let bits = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
