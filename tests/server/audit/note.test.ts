import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { emptyRoot } from '../../../server/audit/merkle.ts'
import {
  checkpointText,
  NoteError,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  verifierKeyOf,
} from '../../../server/audit/note.ts'

// The example of Go's golang.org/x/mod/sumdb/note.
const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const text =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const example = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

function signer(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { key: verifierKeyOf(name, publicKey), privateKey }
}

describe('a signed note', () => {
  it('of the known example opens', () => {
    expect(openNote(example, [parseVerifierKey(peter)]).text).toBe(text)
  })

  it('is refused with any of its bytes changed', () => {
    const key = parseVerifierKey(peter)
    const bytes = Buffer.from(example)
    for (let n = 0; n < bytes.length; n++) {
      const changed = Buffer.from(bytes)
      changed[n] = (changed[n] as number) ^ 1
      expect(() => openNote(changed.toString(), [key]), `byte ${n}`).toThrow(NoteError)
    }
  })

  it('opens by its own key, whoever else has signed it', () => {
    const [ours, other] = [signer('ours'), signer('other')]
    const note = signNote(text, [other, ours])
    expect(openNote(note, [ours.key]).signers).toEqual([ours.key])
    expect(openNote(note, [ours.key, other.key]).signers).toHaveLength(2)
    expect(() => openNote(note, [signer('ours').key])).toThrow(NoteError)
  })
})

describe('a verifier key', () => {
  it('is read back as it was written', () => {
    const { key } = signer('pinlab/1')
    expect(parseVerifierKey(key.text)).toMatchObject({ name: 'pinlab/1', id: key.id })
  })

  it.each([
    ['another hash', peter.replace('c74f20a3', 'c74f20a4')],
    ['another name', peter.replace('Peter', 'Paul')],
    ['a shorter key', peter.slice(0, -4)],
    ['no key', 'PeterNeumann'],
  ])('with %s is refused', (_, key) => {
    expect(() => parseVerifierKey(key)).toThrow(NoteError)
  })
})

describe('a checkpoint', () => {
  const checkpoint = { origin: 'pinlab/1', size: 12, root: emptyRoot }

  it('is read back as it was written', () => {
    expect(parseCheckpoint(checkpointText(checkpoint))).toEqual(checkpoint)
  })

  it.each([
    ['a size with a leading zero', checkpointText(checkpoint).replace('12', '012')],
    ['another line', `${checkpointText(checkpoint)}more\n`],
    ['a shorter root', checkpointText({ ...checkpoint, root: emptyRoot.subarray(1) })],
  ])('with %s is refused', (_, wrong) => {
    expect(() => parseCheckpoint(wrong)).toThrow(NoteError)
  })
})
