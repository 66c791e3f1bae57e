// Signed heads: those of a bundle, and the one that whoever verifies has kept.

import { type Checkpoint, openNote, parseCheckpoint, type VerifierKey } from '../note.ts'
import { integerIn, parseFields, textIn } from './fields.ts'
import type { Keys } from './keys.ts'
import { linesOf, type Member } from './members.ts'
import { Tampered, tamperedIfThrows, Unusable } from './verdict.ts'

export interface BundledCheckpoint extends Checkpoint {
  /** By a key that is connected to the trusted one. */
  isTrusted: boolean
}

/** In the order of their sizes. */
export function* readCheckpoints(
  member: Member,
  { all, trusted }: Keys,
): Generator<BundledCheckpoint> {
  let before = 0
  for (const line of linesOf(member.name, member.pieces())) {
    const where = `The checkpoint after ${before} of ${member.name}`
    const fields = parseFields(line, where)
    const size = integerIn(fields, 'size', where)
    textIn(fields, 'at', where)
    const { signers, ...checkpoint } = openCheckpoint(textIn(fields, 'note', where), all, where)
    if (size <= before || checkpoint.size !== size) throw new Tampered(`${where} is out of order.`)
    before = size
    yield { ...checkpoint, isTrusted: signers.some((key) => trusted.has(key)) }
  }
}

function openCheckpoint(
  note: string,
  keys: readonly VerifierKey[],
  where: string,
): Checkpoint & { signers: VerifierKey[] } {
  const { text, signers } = tamperedIfThrows(where, () => openNote(note, keys))
  const checkpoint = tamperedIfThrows(where, () => parseCheckpoint(text))
  // Else a key of this log could sign for another one.
  const own = signers.filter(({ name }) => name === checkpoint.origin)
  if (own.length === 0) throw new Tampered(`${where} is of another log.`)
  return { ...checkpoint, signers: own }
}

/** A checkpoint that was kept outside, before its signature is looked at. */
export interface HeldCheckpoint extends Checkpoint {
  note: string
}

/** Throws Unusable for what is no checkpoint at all. White space at the end comes with copying. */
export function parseHeld(content: Buffer): HeldCheckpoint {
  const note = `${content.toString('utf8').replace(/[ \t\r\n]+$/, '')}\n`
  const middle = note.lastIndexOf('\n\n')
  try {
    return { ...parseCheckpoint(note.slice(0, middle + 1)), note }
  } catch {
    throw new Unusable('The checkpoint that you hold is no signed note of a log.')
  }
}

export function checkHeldSignature({ note }: HeldCheckpoint, { all }: Keys): void {
  openCheckpoint(note, all, 'Against the keys of the bundle, the checkpoint that you hold')
}
