// Signing in and out.

import { record } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import type { LoginRequest, SignIn } from '../contract/identity.ts'
import { PinlabError } from '../errors.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import type { Attempts } from './attempts.ts'
import { actorOf, type Credentials, endOf } from './credentials.ts'
import {
  addSignIn,
  type PersonRow,
  readPerson,
  readPersonByLogin,
  readSignIns,
  removeSignIns,
  type SignInMethod,
} from './identity-store.ts'
import type { Passwords } from './passwords.ts'
import type { Actor } from './permissions.ts'
import { hashOf, newSecret } from './secrets.ts'

/** A person's browsers; the one that was used least lately makes room. */
const mostSignIns = 20

/** Where a request came from. */
export interface Origin {
  address: string
  userAgent: string
  /** Id of the HTTP request. */
  request: string
}

export interface SignedIn {
  actor: Actor
  /** The cookie's value. */
  secret: string
  /** Sign-ins that made room for it. */
  displaced: string[]
}

/** What signing in needs, and the care of people too. */
export interface SignInServices {
  database: Database
  clock: Clock
  credentials: Credentials
  passwords: Passwords
  attempts: Attempts
}

export class SignIns {
  constructor(private readonly parts: SignInServices) {}

  /** By password. The answer is the same for an unknown login, a wrong password and a disabled account. */
  async signIn({ login, password }: LoginRequest, origin: Origin): Promise<SignedIn> {
    const { attempts, database, passwords } = this.parts
    const name = login.toLowerCase()
    await attempts.from(origin.address)
    await attempts.begin(name)
    const person = await readPersonByLogin(database.reader, name)
    const isRight = await passwords.verify(person?.passwordHash ?? null, password)
    const signedIn =
      person && isRight
        ? await this.commit((tx) => this.#startIfUnchanged(tx, person, origin))
        : null
    if (!signedIn) {
      await this.#recordFailure(person, origin)
      throw new PinlabError(
        'PINLAB_SIGN_IN_FAILED',
        'Name or password is wrong. An administrator can send you a link that sets a new password.',
      )
    }
    await attempts.succeeded(name)
    return signedIn
  }

  /** Writes a sign-in, and ends what made room for it once that is so. */
  async commit<T extends SignedIn | null>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { credentials, database } = this.parts
    const signedIn = await database.write(work)
    for (const credential of signedIn?.displaced ?? []) credentials.forget({ credential })
    return signedIn
  }

  /** Null: disabled, or the password is another one since it was looked at. */
  async #startIfUnchanged(
    tx: Transaction,
    { id, passwordHash }: PersonRow,
    origin: Origin,
  ): Promise<SignedIn | null> {
    const person = await readPerson(tx, id)
    if (!person || person.disabledAt || person.passwordHash !== passwordHash) return null
    return this.start(tx, person, 'password', origin)
  }

  /** Opens a sign-in within a transaction that has made sure of the person. */
  async start(
    tx: Transaction,
    person: PersonRow,
    method: SignInMethod,
    { address, userAgent, request }: Origin,
  ): Promise<SignedIn> {
    const now = this.parts.clock.now()
    const secret = newSecret()
    const displaced = await this.#makeRoom(tx, person.id, now)
    const at = new Date(now)
    const { id } = await addSignIn(tx, {
      personId: person.id,
      secretHash: hashOf(secret),
      method,
      address,
      userAgent: userAgent.slice(0, 200),
      startedAt: at,
      lastUsedAt: at,
    })
    const detail = { signIn: id, method }
    await record(tx, { type: 'person.signed-in', actor: person.id, request, detail })
    return { actor: actorOf(person, id, null), secret, displaced }
  }

  /** Who is signed in proves once more who they are. */
  async confirm(actor: Actor, password: string, origin: Origin): Promise<void> {
    const { attempts, credentials, database, passwords } = this.parts
    await attempts.from(origin.address)
    await attempts.begin(actor.login)
    const person = await readPerson(database.reader, actor.id)
    if (!(await passwords.verify(person?.passwordHash ?? null, password))) {
      await this.#recordFailure(person, origin)
      throw new PinlabError('PINLAB_SIGN_IN_FAILED', 'Your password is another one.')
    }
    await attempts.succeeded(actor.login)
    await database.write((tx) =>
      record(tx, { type: 'person.confirmed', actor: actor.id, request: origin.request }),
    )
    credentials.confirm(actor)
  }

  async list(actor: Actor): Promise<SignIn[]> {
    const now = this.parts.clock.now()
    const rows = await readSignIns(this.parts.database.reader, actor.id)
    return rows.flatMap(({ id, method, address, userAgent, startedAt, lastUsedAt }) => {
      const endsAt = endOf(startedAt.getTime(), lastUsedAt.getTime())
      if (endsAt <= now) return []
      return {
        id,
        method: method as SignInMethod,
        address,
        userAgent,
        startedAt: startedAt.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
        endsAt: new Date(endsAt).toISOString(),
        isThis: id === actor.credential,
      }
    })
  }

  /** Ends one of the person's own. */
  async end(actor: Actor, id: string, request: string): Promise<void> {
    await this.parts.database.write(async (tx) => {
      if ((await removeSignIns(tx, { personId: actor.id, id })) === 0) {
        throw new PinlabError('PINLAB_SIGN_IN_UNKNOWN', 'You have no such sign-in.')
      }
      await record(tx, {
        type: 'person.signed-out',
        actor: actor.id,
        request,
        detail: { signIn: id },
      })
    })
    this.parts.credentials.forget({ credential: id })
  }

  /** Those that have run out go; then the least used, until there is room for one more. */
  async #makeRoom(tx: Transaction, personId: string, now: number): Promise<string[]> {
    const rows = await readSignIns(tx, personId)
    const live = rows.filter(
      (row) => endOf(row.startedAt.getTime(), row.lastUsedAt.getTime()) > now,
    )
    const kept = live
      .sort((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
      .slice(0, mostSignIns - 1)
    const gone = rows.filter((row) => !kept.includes(row)).map(({ id }) => id)
    await removeSignIns(tx, { personId, id: { in: gone } })
    return gone
  }

  /** Without the name that was tried: people type passwords there. */
  async #recordFailure(person: PersonRow | null, { request }: Origin): Promise<void> {
    await this.parts.database.write((tx) =>
      record(tx, {
        type: 'person.sign-in-failed',
        actor: person?.id ?? 'unknown',
        request,
      }),
    )
  }
}
