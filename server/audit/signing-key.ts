// The key that signs checkpoints: a file that only Pinlab's user can read, never in the database. Who holds the file can sign another
// history, so it is left out of backups too.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PinlabError } from '../errors.ts'
import { type Signer, verifierKeyOf } from './note.ts'
import { writeDurably } from './write-durably.ts'

/** Where the log keeps what does not belong into the database. */
export const auditFolder = (dataFolder: string) => join(dataFolder, 'audit')

const keyFile = (dataFolder: string) => join(auditFolder(dataFolder), 'signing-key')

/** The file's first line is the log's name, the rest the private key (PKCS #8, PEM). */
export function openSigningKey(dataFolder: string): Signer {
  const file = keyFile(dataFolder)
  mkdirSync(auditFolder(dataFolder), { recursive: true, mode: 0o700 })
  if (!existsSync(file)) return replaceSigningKey(dataFolder, newSigner(newName()))
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new PinlabError(
      'PINLAB_START_AUDIT_KEY',
      `Others can read ${file}, which signs the audit log. Run \`chmod 600\` on it and, if somebody may have read it, change the key: npx pinlab audit new-key.`,
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

export function newSigner(name: string): Signer {
  return signerOf(name, generateKeyPairSync('ed25519').privateKey)
}

/** The new key is what signs from the moment the file has its name. */
export function replaceSigningKey(dataFolder: string, signer: Signer): Signer {
  const file = keyFile(dataFolder)
  const pem = signer.privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeDurably(`${file}.new`, `${signer.key.name}\n${pem}`, 0o600)
  chmodSync(`${file}.new`, 0o600)
  renameSync(`${file}.new`, file)
  return signer
}

function signerOf(name: string, privateKey: KeyObject): Signer {
  return { key: verifierKeyOf(name, createPublicKey(privateKey)), privateKey }
}

/** No two logs have the same name. */
const newName = () => `pinlab/${randomBytes(8).toString('hex')}`
