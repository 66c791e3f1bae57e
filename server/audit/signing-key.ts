// The key that signs checkpoints: a file that only Pinlab's user can read, never in the database. Who holds the file can sign another
// history, so it is left out of backups too, unless it is asked for.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { PinlabError } from '../errors.ts'
import { type Signer, verifierKeyOf } from './note.ts'
import { syncFolder, writeDurably } from './write-durably.ts'

/** Where the log keeps what does not belong into the database. */
export const auditFolder = (dataFolder: string) => join(dataFolder, 'audit')

const keyFile = (dataFolder: string) => join(auditFolder(dataFolder), 'signing-key')
const nextFile = (dataFolder: string) => `${keyFile(dataFolder)}.next`

/**
 * The key to go on with. `known` are the verifier keys that the database has, the oldest first: a new key is in its file before the
 * database knows of it and takes the old one's place afterwards, so whichever the database has last is the one, and a crash in between
 * is mended here. Throws PINLAB_START_AUDIT_KEY.
 */
export function openSigningKey(dataFolder: string, known: readonly string[]): Signer {
  mkdirSync(auditFolder(dataFolder), { recursive: true, mode: 0o700 })
  settleNextKey(dataFolder, known)
  const file = keyFile(dataFolder)
  if (!existsSync(file)) {
    const signer = newSigner(newName())
    keepNextKey(dataFolder, signer)
    adoptNextKey(dataFolder)
    return signer
  }
  const signer = readKey(file)
  if (known.slice(0, -1).includes(signer.key.text)) {
    throw new PinlabError(
      'PINLAB_START_AUDIT_KEY',
      `${file} is a key that was replaced by a newer one. Put back the newest. If that is lost, move this one away: a new key is made, which no old one vouches for.`,
    )
  }
  return signer
}

/** A new key of the same log, on the disk but not in use. Throws what the disk throws. */
export function keepNextKey(dataFolder: string, signer: Signer): void {
  const pem = signer.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const file = nextFile(dataFolder)
  rmSync(file, { force: true })
  writeDurably(file, `${signer.key.name}\n${pem}`, 0o600)
  chmodSync(file, 0o600)
}

/** From here on it is the key. */
export function adoptNextKey(dataFolder: string): void {
  renameSync(nextFile(dataFolder), keyFile(dataFolder))
  syncFolder(auditFolder(dataFolder))
}

export function newSigner(name: string): Signer {
  return signerOf(name, generateKeyPairSync('ed25519').privateKey)
}

/** A new key that the server did not live to take into use, or to forget. */
function settleNextKey(dataFolder: string, known: readonly string[]): void {
  const file = nextFile(dataFolder)
  if (!existsSync(file)) return
  if (isKey(file, known.at(-1))) adoptNextKey(dataFolder)
  else rmSync(file)
}

function isKey(file: string, key: string | undefined): boolean {
  try {
    return readKey(file).key.text === key
  } catch {
    // Cut off while it was written.
    return false
  }
}

/** The file's first line is the log's name, the rest the private key (PKCS #8, PEM). */
function readKey(file: string): Signer {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new PinlabError(
      'PINLAB_START_AUDIT_KEY',
      `Others can read ${file}, which signs the audit log. Run \`chmod 600\` on it. If somebody may have read it, change the key once Pinlab runs: POST /api/v1/audit/key.`,
    )
  }
  const [, name = '', pem = ''] = /^(\S+)\n(.+)$/s.exec(readFileSync(file, 'utf8')) ?? []
  try {
    return signerOf(name, createPrivateKey(pem))
  } catch (error) {
    throw new PinlabError(
      'PINLAB_START_AUDIT_KEY',
      `${file} is no signing key. Put back the file as it was; without it, move it away: a new key is made, which the old one cannot vouch for.`,
      { cause: error },
    )
  }
}

function signerOf(name: string, privateKey: KeyObject): Signer {
  return { key: verifierKeyOf(name, createPublicKey(privateKey)), privateKey }
}

/** No two logs have the same name. */
const newName = () => `pinlab/${randomBytes(8).toString('hex')}`
