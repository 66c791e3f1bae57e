// Signed notes (C2SP signed-note) and the checkpoints that are written as such (C2SP tlog-checkpoint), with Ed25519. Imports nothing of
// ours: the verifier is built from it.

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

const ed25519 = 0x01
const publicKeyByteLength = 32
const signatureByteLength = 64
const mostSignatures = 16
/** What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410). */
const spkiHeader = Buffer.from('302a300506032b6570032100', 'hex')

export class NoteError extends Error {}

/** Whose signatures count: `text` is name+hash+base64, as it is handed out. */
export interface VerifierKey {
  text: string
  name: string
  /** Four bytes, as they stand before its signatures. */
  id: Buffer
  publicKey: KeyObject
}

export interface Signer {
  key: VerifierKey
  privateKey: KeyObject
}

export function verifierKeyOf(name: string, publicKey: KeyObject): VerifierKey {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const typed = Buffer.concat([Buffer.of(ed25519), der.subarray(spkiHeader.length)])
  const id = keyId(name, typed)
  return { text: `${name}+${id.toString('hex')}+${typed.toString('base64')}`, name, id, publicKey }
}

/** Throws a NoteError. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', hash = '', base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  const typed = fromBase64(base64)
  if (typed?.length !== 1 + publicKeyByteLength || typed[0] !== ed25519) {
    throw new NoteError('This is no Ed25519 verifier key, name+hash+base64.')
  }
  const id = keyId(name, typed)
  if (id.toString('hex') !== hash) throw new NoteError('The hash of the verifier key is wrong.')
  const key = Buffer.concat([spkiHeader, typed.subarray(1)])
  return { text, name, id, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) }
}

function keyId(name: string, typed: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4)
}

/** `text` ends in a newline. */
export function signNote(text: string, signers: readonly Signer[]): string {
  const lines = signers.map(({ key, privateKey }) => {
    const signature = Buffer.concat([key.id, sign(null, Buffer.from(text), privateKey)])
    return `— ${key.name} ${signature.toString('base64')}\n`
  })
  return `${text}\n${lines.join('')}`
}

export interface OpenedNote {
  text: string
  /** Those of the known keys that have signed it, at least one. */
  signers: VerifierKey[]
}

/** Throws a NoteError unless a known key has signed it, and for a known key's signature that is wrong. */
export function openNote(note: string, known: readonly VerifierKey[]): OpenedNote {
  const middle = note.lastIndexOf('\n\n')
  if (middle < 0 || !note.endsWith('\n')) throw new NoteError('This is no signed note.')
  const text = note.slice(0, middle + 1)
  const lines = note.slice(middle + 2, -1).split('\n')
  if (lines.length > mostSignatures) throw new NoteError('The note has too many signatures.')
  const signers = new Set<VerifierKey>()
  for (const line of lines) {
    const [, name, base64 = ''] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? []
    const bytes = fromBase64(base64)
    if (!bytes || bytes.length < 5)
      throw new NoteError('A signature line of the note is malformed.')
    const key = known.find((one) => one.name === name && one.id.equals(bytes.subarray(0, 4)))
    if (!key) continue
    const signature = bytes.subarray(4)
    const isRight =
      signature.length === signatureByteLength &&
      verify(null, Buffer.from(text), key.publicKey, signature)
    if (!isRight) throw new NoteError(`The signature of ${key.name} is wrong.`)
    signers.add(key)
  }
  if (signers.size === 0) throw new NoteError('No known key has signed the note.')
  return { text, signers: [...signers] }
}

export interface Checkpoint {
  /** The log's name. */
  origin: string
  size: number
  root: Buffer
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** The text of a note. Throws a NoteError. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin = '', size = '', base64 = ''] =
    /^(\S+)\n(0|[1-9]\d{0,15})\n(\S+)\n$/.exec(text) ?? []
  const root = fromBase64(base64)
  if (origin === '' || root?.length !== 32 || !Number.isSafeInteger(Number(size))) {
    throw new NoteError('This is no checkpoint: origin, size and root.')
  }
  return { origin, size: Number(size), root }
}

/** Null for anything but the one canonical way to write the bytes, so that no byte of a note can be changed unnoticed. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return text !== '' && bytes.toString('base64') === text ? bytes : null
}
