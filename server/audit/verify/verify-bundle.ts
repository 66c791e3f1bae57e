// Whether a bundle is what a log has recorded and signed. Works by itself: nothing of the server, no database, no network, and as much
// memory for a million events as for ten.

import { bundleFiles, type Manifest, manifestFile } from '../bundle-format.ts'
import type { VerifierKey } from '../note.ts'
import type { ByteSource } from './byte-source.ts'
import { checkHeldSignature, type HeldCheckpoint } from './checkpoints.ts'
import { type ProvedEvents, proveLogEvents, proveSessionEvents } from './events.ts'
import { type Keys, readKeys } from './keys.ts'
import { compareOutside, continuesNot, proveTree, tooShort } from './log-proof.ts'
import { checkMember, readManifest } from './manifest.ts'
import { findMembers, type Members } from './members.ts'
import { Unusable } from './verdict.ts'

export interface Expected {
  /** From elsewhere than the bundle. */
  key: VerifierKey | null
  held: HeldCheckpoint | null
}

export interface Proved extends ProvedEvents {
  manifest: Manifest
  keys: Keys
  checkpoints: number
  untrustedUpTo: number
}

interface Opened {
  members: Members
  manifest: Manifest
  keys: Keys
  held: HeldCheckpoint | null
}

/** Returns what is proved. Throws Tampered, or Unusable, which says nothing about the rest only if the file is no bundle. */
export function verifyBundle(source: ByteSource, { key, held }: Expected): Proved {
  const members = findMembers(source)
  const { kind } = members
  const keys = readKeys(members.file('keys.jsonl'), key)
  const manifest = readManifest(members.file(manifestFile), kind, keys.newest)
  for (const name of bundleFiles[kind]) {
    if (name !== 'events.jsonl') checkMember(members.file(name), manifest)
  }
  if (held) checkHeldSignature(held, keys)
  const bundle = { members, manifest, keys, held }
  return kind === 'log' ? verifyLog(bundle) : verifySession(bundle)
}

function verifyLog({ members, manifest, keys, held }: Opened): Proved {
  const { checkpoints, untrustedUpTo, ...tree } = proveTree(members, { manifest, keys, held })
  const events = proveLogEvents(members, manifest)
  if (held) compareOutside(held, manifest, tree)
  return { manifest, keys, checkpoints, untrustedUpTo, ...events }
}

function verifySession({ members, manifest, keys, held }: Opened): Proved {
  const { root, ...events } = proveSessionEvents(members, { manifest, keys })
  if (held && held.size > manifest.to) throw new Unusable(tooShort(held, manifest.to))
  if (held && held.size < manifest.to) {
    throw new Unusable(
      `The bundle of a session shows the log at ${manifest.to} events only, and the checkpoint that you hold was made of ${held.size}. A bundle of the whole log joins them.`,
    )
  }
  if (held && !held.root.equals(root)) throw continuesNot(held)
  return { manifest, keys, checkpoints: 1, untrustedUpTo: 0, ...events }
}
