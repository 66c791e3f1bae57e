// A bundle of the log: that its leaf hashes are those of the tree that the checkpoints sign.

import type { Manifest } from '../bundle-format.ts'
import { emptyRoot, Frontier, hashByteLength, verifyConsistency } from '../merkle.ts'
import { type HeldCheckpoint, readCheckpoints } from './checkpoints.ts'
import { type Fields, hashesIn, integerIn, parseFields } from './fields.ts'
import type { Keys } from './keys.ts'
import { linesOf, type Member, type Members } from './members.ts'
import { Tampered, tamperedIfThrows, Unusable } from './verdict.ts'

export interface ProvedTree {
  root: Buffer
  checkpoints: number
  /** Checkpoints up to here are signed only by keys that nothing connects to the trusted one; 0: none are. */
  untrustedUpTo: number
  consistency: Consistency | null
}

/** That the log goes on from what it was when it had `from` events. */
export interface Consistency {
  from: number
  hashes: Buffer[]
}

interface Proof {
  /** Of the events before the first. */
  frontier: Frontier
  consistency: Consistency | null
}

/** A checkpoint that is held and that was made of events here is compared on the way. */
export function proveTree(
  members: Members,
  { manifest, keys, held }: { manifest: Manifest; keys: Keys; held: HeldCheckpoint | null },
): ProvedTree {
  const { from, to } = manifest
  const hashes = members.file('hashes.bin')
  if (hashes.byteLength !== (to - from + 1) * hashByteLength) {
    throw new Tampered('hashes.bin does not have a hash for each event.')
  }
  const { frontier: tree, consistency } = readProof(members.file('proof.json'), manifest)
  const checkpoints = readCheckpoints(members.file('checkpoints.jsonl'), keys)
  let next = checkpoints.next().value
  let [count, signedUpTo, untrustedUpTo] = [0, 0, 0]
  const compare = () => {
    const isHeld = held?.size === tree.size
    const isSigned = next?.size === tree.size
    if (!isHeld && !isSigned) return
    const root = tree.root()
    if (isHeld && !root.equals(held.root)) throw continuesNot(held)
    if (!next || !isSigned) return
    if (!root.equals(next.root)) {
      throw new Tampered(`The events up to ${next.size} are not those that its checkpoint signs.`)
    }
    count += 1
    if (next.isTrusted) signedUpTo = next.size
    else untrustedUpTo = next.size
    next = checkpoints.next().value
  }
  compare()
  for (const leaf of leavesOf(hashes)) {
    tree.append(leaf)
    compare()
  }
  if (next || signedUpTo !== to) {
    throw new Tampered(
      'The checkpoints do not fit the events, or the last is not signed by a key that is vouched for.',
    )
  }
  return { root: tree.root(), checkpoints: count, untrustedUpTo, consistency }
}

/** One that was made of fewer events than come before the bundle's first, or of more than it has. */
export function compareOutside(
  held: HeldCheckpoint,
  { from, to }: Manifest,
  { root, consistency }: Pick<ProvedTree, 'root' | 'consistency'>,
): void {
  if (held.size > to) throw new Unusable(tooShort(held, to))
  if (held.size >= from - 1) return
  if (held.size === 0) {
    if (!held.root.equals(emptyRoot)) throw continuesNot(held)
    return
  }
  if (consistency?.from !== held.size) {
    throw new Unusable(
      `The bundle begins at event ${from} and has no proof from the ${held.size} events of the checkpoint that you hold. Export it with since=${held.size}.`,
    )
  }
  const sizes = { from: held.size, to, fromRoot: held.root, toRoot: root }
  if (!verifyConsistency(sizes, consistency.hashes)) throw continuesNot(held)
}

export const tooShort = ({ size }: HeldCheckpoint, to: number) =>
  `The checkpoint that you hold was made of ${size} events, and the bundle ends at event ${to}. Ask for a newer one: a log that cannot give it was cut.`

export function continuesNot({ size }: HeldCheckpoint): Tampered {
  return new Tampered(`The first ${size} events are not those of the checkpoint that you hold.`)
}

function readProof(member: Member, { from, to }: Manifest): Proof {
  const where = member.name
  const [line, ...more] = linesOf(where, [member.whole()])
  const fields = parseFields(line ?? Buffer.of(), where)
  const isAboutIt =
    integerIn(fields, 'from', where) === from && integerIn(fields, 'to', where) === to
  if (more.length > 0 || !isAboutIt) throw new Tampered(`${where} contradicts the manifest.`)
  const roots = hashesIn(fields, 'frontier', where)
  const frontier = tamperedIfThrows(where, () => new Frontier(from - 1, roots))
  if (fields.consistency === null) return { frontier, consistency: null }
  const { consistency } = fields
  const isObject = typeof consistency === 'object' && !Array.isArray(consistency)
  const given = (isObject ? consistency : {}) as Fields
  const size = integerIn(given, 'from', where)
  return { frontier, consistency: { from: size, hashes: hashesIn(given, 'hashes', where) } }
}

export function* leavesOf(hashes: Member): Generator<Buffer> {
  for (const piece of hashes.pieces()) {
    for (let at = 0; at < piece.length; at += hashByteLength) {
      yield piece.subarray(at, at + hashByteLength)
    }
  }
}
