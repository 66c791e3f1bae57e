// The events' texts, one by one, and what is told of them beside.

import { createHash } from 'node:crypto'
import type { Manifest } from '../bundle-format.ts'
import { leafHash, verifyInclusion } from '../merkle.ts'
import { fromBase64 } from '../note.ts'
import { readCheckpoints } from './checkpoints.ts'
import { type Fields, hashesIn, integerIn, parseFields, textIn, textOrNullIn } from './fields.ts'
import type { Keys } from './keys.ts'
import { leavesOf } from './log-proof.ts'
import { checkMember } from './manifest.ts'
import { linesOf, type Member, type Members } from './members.ts'
import { Tampered } from './verdict.ts'

export interface ProvedEvents {
  events: number
  parts: number
}

/** Against the leaf hashes, which were proved. */
export function proveLogEvents(members: Members, manifest: Manifest): ProvedEvents {
  const parts = new PartReader(members.file('parts.jsonl'))
  const [lines, checkWhole] = readEvents(members.file('events.jsonl'), manifest)
  const { from, pruned } = manifest
  let [seq, events, nextPruned] = [from, 0, 0]
  for (const leaf of leavesOf(members.file('hashes.bin'))) {
    const [first, last] = pruned[nextPruned] ?? []
    if (first === undefined || last === undefined || seq < first) {
      const line = lines.next().value
      if (!line) throw new Tampered(`Event ${seq} is missing.`, seq)
      parts.check(seq, readEvent(line, leaf, seq))
      events += 1
    } else if (seq === last) {
      nextPruned += 1
    }
    seq += 1
  }
  if (!lines.next().done) throw new Tampered(`There are events after ${manifest.to}.`)
  checkWhole()
  return { events, parts: parts.end() }
}

function readEvent(line: Buffer, leaf: Buffer, seq: number): Fields {
  const isRecorded = leafHash(line).equals(leaf)
  const event = fieldsOrNull(line)
  if (isRecorded && event?.seq === seq) return event
  const found = Number.isSafeInteger(event?.seq) ? event?.seq : seq
  throw new Tampered(
    found === seq
      ? `Event ${seq} was changed, or is none.`
      : `Event ${seq} is missing: event ${found} stands in its place.`,
    seq,
  )
}

function fieldsOrNull(line: Buffer): Fields | null {
  try {
    return parseFields(line, '')
  } catch {
    return null
  }
}

/** Each with its own proof that it is in the tree of the one checkpoint. */
export function proveSessionEvents(
  members: Members,
  { manifest, keys }: { manifest: Manifest; keys: Keys },
): ProvedEvents & { root: Buffer } {
  const { from, to, pruned, session } = manifest
  const [checkpoint, ...more] = readCheckpoints(members.file('checkpoints.jsonl'), keys)
  if (more.length > 0 || checkpoint?.size !== to || !checkpoint.isTrusted) {
    throw new Tampered('The bundle of a session has one checkpoint, over all events until then.')
  }
  const { root } = checkpoint
  const proofs = members.file('proofs.jsonl')
  const proofLines = linesOf(proofs.name, proofs.pieces())
  const parts = new PartReader(members.file('parts.jsonl'))
  let [events, before] = [0, from - 1]
  const [lines, checkWhole] = readEvents(members.file('events.jsonl'), manifest)
  for (const line of lines) {
    const where = `The event after ${before}`
    const event = parseFields(line, where)
    const seq = integerIn(event, 'seq', where)
    const isGone = pruned.some(([first, last]) => first <= seq && seq <= last)
    if (seq <= before || seq > to || isGone || event.session !== session) {
      throw new Tampered(`Event ${seq} does not belong here.`, seq)
    }
    const proof = parseFields(proofLines.next().value ?? Buffer.of(), `The proof of event ${seq}`)
    const hashes = hashesIn(proof, 'hashes', proofs.name)
    const place = { leaf: leafHash(line), index: seq - 1, size: to, root }
    if (proof.seq !== seq || !verifyInclusion(place, hashes)) {
      throw new Tampered(`Event ${seq} was changed.`, seq)
    }
    parts.check(seq, event)
    before = seq
    events += 1
  }
  if (!proofLines.next().done) throw new Tampered('An event is missing: its proof is there.')
  checkWhole()
  return { events, parts: parts.end(), root }
}

/** The lines, and a check for when they were read: so an event that is wrong is named before the file as a whole. */
function readEvents(member: Member, manifest: Manifest): [Generator<Buffer>, () => void] {
  const hash = createHash('sha256')
  function* pieces() {
    for (const piece of member.pieces()) {
      hash.update(piece)
      yield piece
    }
  }
  const check = () => checkMember(member, manifest, hash.digest('hex'))
  return [linesOf(member.name, pieces()), check]
}

/** What an event commits to, in step with the events. */
class PartReader {
  readonly #lines: Generator<Buffer>
  #next: Fields | null = null
  #count = 0

  constructor(private readonly member: Member) {
    this.#lines = linesOf(member.name, member.pieces())
    this.#read()
  }

  check(seq: number, event: Fields): void {
    let after = -1
    for (let part = this.#next; part?.seq === seq; part = this.#next) {
      const where = `A part of event ${seq}`
      const n = integerIn(part, 'n', where)
      if (n <= after || !isCommitted(part, n, event, where)) {
        throw new Tampered(`${where} is not what was recorded.`, seq)
      }
      after = n
      this.#count += 1
      this.#read()
    }
  }

  /** Returns how many there were. */
  end(): number {
    if (this.#next) throw new Tampered(`${this.member.name} has parts of no event that is here.`)
    return this.#count
  }

  #read(): void {
    const line = this.#lines.next().value
    this.#next = line ? parseFields(line, `A line of ${this.member.name}`) : null
  }
}

function isCommitted(part: Fields, n: number, event: Fields, where: string): boolean {
  const kind = textIn(part, 'kind', where)
  const of = textOrNullIn(part, 'of', where)
  const salt = fromBase64(textIn(part, 'salt', where))
  const commitment = Array.isArray(event.parts) ? event.parts[n] : null
  if (!salt || typeof commitment !== 'object' || commitment === null) return false
  const hash = createHash('sha256')
    .update(salt)
    .update(textIn(part, 'text', where))
  return (
    commitment.kind === kind && commitment.of === of && commitment.sha256 === hash.digest('hex')
  )
}
