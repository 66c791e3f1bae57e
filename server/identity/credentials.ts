// Who a cookie or a token stands for, from memory where it was asked before. What changes in the database is told with `forget`, so
// that memory is never behind it; a change ends the sockets too.

import type { Clock } from '../clock.ts'
import type { Scope } from '../contract/identity.ts'
import type { Database } from '../plugins/database/database.ts'
import { type PersonRow, readSignIn, readToken, touchSignIn, touchToken } from './identity-store.ts'
import type { Actor } from './permissions.ts'
import { hashOf, sameHash } from './secrets.ts'

const minute = 60_000
const hour = 60 * minute
/** ASVS 5.0 and our policy: a browser that nobody uses is signed out, and no sign-in is for ever. */
export const signInLimits = { idleMs: 12 * hour, absoluteMs: 7 * 24 * hour } as const
/** What is hard to undo needs a sign-in, or the password once more, that is no older: a browser left open does not rule the lab. */
export const confirmedMs = 15 * minute
const mostRemembered = 1000
const touchMs = minute

interface Credential {
  actor: Actor
  /** ms since the epoch. */
  lastUsedAt: number
  writtenAt: number
  /** When the person last proved who they are; null for a token. A restart forgets all but the sign-in itself. */
  confirmedAt: number | null
  endsAt(): number
  touch(at: Date): Promise<void>
  readonly watchers: Set<() => void>
}

export class Credentials {
  readonly #remembered = new Map<string, Credential>()
  /** Rises with each change: what was read before one is not remembered after it. */
  #changes = 0

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Null: unknown, ended, or of somebody who may not sign in any more. */
  bySignIn(secret: string): Promise<Actor | null> {
    const key = hashOf(secret)
    return this.#find(key, () => this.#readSignIn(key))
  }

  byToken(token: string): Promise<Actor | null> {
    const parts = /^pinlab_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/.exec(token)
    if (!parts) return Promise.resolve(null)
    const [, id = '', secret = ''] = parts
    return this.#find(hashOf(token), () => this.#readToken(uuidOf(id), hashOf(secret)))
  }

  /** Calls `onEnd` once when the credential ends or its rights change. Returns what ends the watch. */
  watch(actor: Actor, onEnd: () => void): () => void {
    const credential = this.#of(actor)
    if (!credential) {
      // It ended between the request and now.
      queueMicrotask(onEnd)
      return () => {}
    }
    credential.watchers.add(onEnd)
    return () => credential.watchers.delete(onEnd)
  }

  /** A token was given its rights on purpose, and has no password to ask for. */
  isConfirmed(actor: Actor): boolean {
    if (actor.scopes !== null) return true
    const confirmedAt = this.#of(actor)?.confirmedAt ?? Number.NEGATIVE_INFINITY
    return this.clock.now() - confirmedAt < confirmedMs
  }

  /** The person has just proved who they are. */
  confirm(actor: Actor): void {
    const credential = this.#of(actor)
    if (credential) credential.confirmedAt = this.clock.now()
  }

  /** After a change of a person (all that stands for them) or of one credential. */
  forget(changed: { person: string; except?: string } | { credential: string }): void {
    this.#changes += 1
    for (const [key, { actor }] of this.#remembered) {
      const isMeant =
        'person' in changed
          ? actor.id === changed.person && actor.credential !== changed.except
          : actor.credential === changed.credential
      if (isMeant) this.#drop(key)
    }
  }

  /** Ends the sockets of what has run out. Called once a second. */
  sweep(): void {
    const now = this.clock.now()
    for (const [key, { endsAt }] of this.#remembered) if (endsAt() <= now) this.#drop(key)
  }

  async #find(key: string, read: () => Promise<Credential | null>): Promise<Actor | null> {
    const now = this.clock.now()
    const known = this.#remembered.get(key)
    if (known && known.endsAt() <= now) this.#drop(key)
    else if (known) return this.#used(known, now)
    const changes = this.#changes
    const found = await read()
    if (!found || found.endsAt() <= this.clock.now()) return null
    const same = this.#remembered.get(key)
    if (same) return this.#used(same, now)
    if (changes === this.#changes) this.#remember(key, found)
    return this.#used(found, now)
  }

  /** By the same object: another one may have been read after a change of rights. */
  #of(actor: Actor): Credential | undefined {
    for (const credential of this.#remembered.values()) {
      if (credential.actor === actor) return credential
    }
    return undefined
  }

  #remember(key: string, credential: Credential): void {
    if (this.#remembered.size >= mostRemembered) {
      for (const [other, { watchers }] of this.#remembered) {
        if (watchers.size > 0) continue
        this.#remembered.delete(other)
        break
      }
    }
    this.#remembered.set(key, credential)
  }

  #drop(key: string): void {
    const credential = this.#remembered.get(key)
    this.#remembered.delete(key)
    for (const onEnd of credential?.watchers ?? []) onEnd()
  }

  #used(credential: Credential, now: number): Actor {
    credential.lastUsedAt = Math.max(credential.lastUsedAt, now)
    if (now - credential.writtenAt >= touchMs) {
      credential.writtenAt = now
      credential.touch(new Date(now)).catch(this.onError)
    }
    return credential.actor
  }

  async #readSignIn(secretHash: string): Promise<Credential | null> {
    const row = await readSignIn(this.database.reader, secretHash)
    if (!row || row.person.disabledAt) return null
    const { id, startedAt } = row
    const lastUsedAt = row.lastUsedAt.getTime()
    const credential: Credential = {
      actor: actorOf(row.person, id, null),
      lastUsedAt,
      writtenAt: lastUsedAt,
      confirmedAt: startedAt.getTime(),
      endsAt: () => endOf(startedAt.getTime(), credential.lastUsedAt),
      touch: (at) => this.database.write((tx) => touchSignIn(tx, id, at)),
      watchers: new Set(),
    }
    return credential
  }

  async #readToken(id: string, secretHash: string): Promise<Credential | null> {
    const row = await readToken(this.database.reader, id)
    if (!row || !sameHash(row.secretHash, secretHash)) return null
    if (row.revokedAt || row.person.disabledAt) return null
    return {
      actor: actorOf(row.person, id, row.scopes.split(' ') as Scope[]),
      lastUsedAt: 0,
      writtenAt: row.lastUsedAt?.getTime() ?? 0,
      confirmedAt: null,
      endsAt: () => row.expiresAt.getTime(),
      touch: (at) => this.database.write((tx) => touchToken(tx, id, at)),
      watchers: new Set(),
    }
  }
}

/** When a sign-in ends if nobody uses it from now on. */
export const endOf = (startedAt: number, lastUsedAt: number) =>
  Math.min(startedAt + signInLimits.absoluteMs, lastUsedAt + signInLimits.idleMs)

export const tokenText = (id: string, secret: string) =>
  `pinlab_${id.replaceAll('-', '')}_${secret}`

const uuidOf = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export function actorOf(
  person: PersonRow,
  credential: string,
  scopes: readonly Scope[] | null,
): Actor {
  const { id, login, name, role, passwordHash } = person
  return { id, login, name, role, credential, scopes, hasPassword: passwordHash !== null }
}
