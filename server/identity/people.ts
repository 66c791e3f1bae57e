// People: the first administrator, invitations, roles, links that set a password.

import { personal, record } from '../audit/audit.ts'
import type {
  Invited,
  LinkTarget,
  LinkUse,
  NamedPerson,
  NewPerson,
  OneTimeLink,
  PasswordChange,
  Person,
  PersonChange,
  SetUpRequest,
} from '../contract/identity.ts'
import { PinlabError } from '../errors.ts'
import type { Database, Transaction } from '../plugins/database/database.ts'
import {
  addLink,
  addPerson,
  canAdminister,
  changePerson,
  countActiveAdmins,
  endLinks,
  isLabEmpty,
  type PersonRow,
  readLink,
  readNames,
  readPeople,
  readPerson,
  removeSignIns,
  toPerson,
} from './identity-store.ts'
import { checkPassword } from './passwords.ts'
import type { Actor } from './permissions.ts'
import { hashOf, newSecret } from './secrets.ts'
import type { SetUp } from './set-up.ts'
import type { Origin, SignedIn, SignInServices, SignIns } from './sign-ins.ts'

const day = 24 * 60 * 60_000
const linkMs = { invitation: 7 * day, reset: day }

export interface Asking {
  actor: Actor
  /** Id of the HTTP request. */
  request: string
}

export class People {
  constructor(private readonly parts: SignInServices & { signIns: SignIns; setUp: SetUp }) {}

  /** Makes the first administrator and signs them in. Of several at once, one wins. */
  async setUp({ token, login, name, password }: SetUpRequest, origin: Origin): Promise<SignedIn> {
    const { attempts, clock, database, passwords, setUp, signIns } = this.parts
    if (setUp.isDue) await attempts.from(origin.address)
    setUp.check(token)
    await checkPassword(password, { login, name })
    const passwordHash = await passwords.hash(password)
    const signedIn = await database.write(async (tx) => {
      setUp.check(token)
      if (!(await isLabEmpty(tx))) {
        throw new PinlabError('PINLAB_ROUTE_UNKNOWN', 'This lab has been set up.')
      }
      const createdAt = new Date(clock.now())
      const person = await addPerson(tx, {
        login,
        name: name.trim(),
        role: 'admin',
        createdAt,
        passwordHash,
      })
      if (!person) throw loginTaken(login)
      const parts = [personal(person.id, { login, name: person.name })]
      await record(tx, { type: 'lab.set-up', actor: person.id, request: origin.request, parts })
      return signIns.start(tx, person, 'set-up', origin)
    })
    setUp.end()
    return signedIn
  }

  /** Newest first. */
  list(query: { limit: number; after: string | undefined }): Promise<Person[]> {
    return readPeople(this.parts.database.reader, query)
  }

  /** Everybody, to choose from; the newest 2,000. */
  async names(): Promise<NamedPerson[]> {
    const names = await readNames(this.parts.database.reader, { take: 2000 })
    return names.sort((a, b) => a.name.localeCompare(b.name))
  }

  /** As the lab knows these people now, by their id. */
  async namesOf(ids: string[]): Promise<Map<string, string>> {
    const names = await readNames(this.parts.database.reader, { ids, take: ids.length })
    return new Map(names.map(({ id, name }) => [id, name]))
  }

  async find(id: string): Promise<Person> {
    return toPerson(await this.#read(this.parts.database.reader, id))
  }

  async invite(wanted: NewPerson, { actor, request }: Asking): Promise<Invited> {
    return this.parts.database.write(async (tx) => {
      const createdAt = new Date(this.parts.clock.now())
      const person = await addPerson(tx, { ...wanted, name: wanted.name.trim(), createdAt })
      if (!person) throw loginTaken(wanted.login)
      const { id, login, name, role } = person
      const detail = { person: id, role }
      const parts = [personal(id, { login, name })]
      await record(tx, { type: 'person.invited', actor: actor.id, request, detail, parts })
      return { person: toPerson(person), link: await this.#addLink(tx, person, { actor, request }) }
    })
  }

  /** Name, role, disabled or not. `version` is what the caller has seen. */
  async change(
    id: string,
    version: number,
    change: PersonChange,
    { actor, request }: Asking,
  ): Promise<Person> {
    const { clock, credentials, database } = this.parts
    const changed = await database.write(async (tx) => {
      const before = await this.#read(tx, id)
      if (before.version !== version) {
        throw new PinlabError(
          'PINLAB_REQUEST_STALE',
          'Somebody has changed this person meanwhile. Load again and repeat.',
        )
      }
      const { disabled, name = before.name, role = before.role } = change
      const at = new Date(clock.now())
      const disabledAt = disabled === undefined ? before.disabledAt : disabled ? at : null
      const after = await changePerson(tx, id, { name: name.trim(), role, disabledAt })
      if (canAdminister(before) && (await countActiveAdmins(tx)) === 0) {
        throw new PinlabError(
          'PINLAB_PERSON_LAST_ADMIN',
          'The lab would be left without an administrator. Make somebody else one first.',
        )
      }
      if (disabled) {
        await removeSignIns(tx, { personId: id })
        await endLinks(tx, id, at)
      }
      const { name: newName, ...rights } = change
      await record(tx, {
        type: 'person.changed',
        actor: actor.id,
        request,
        detail: { person: id, ...rights },
        parts: newName === undefined ? [] : [personal(id, { name: after.name })],
      })
      return after
    })
    credentials.forget({ person: id })
    return toPerson(changed)
  }

  /** A new link; the one before it ends. */
  async makeLink(id: string, asking: Asking): Promise<OneTimeLink> {
    return this.parts.database.write(async (tx) => {
      const person = await this.#read(tx, id)
      if (person.disabledAt) {
        throw new PinlabError(
          'PINLAB_PERSON_DISABLED',
          `${person.name} is disabled. Enable the account first.`,
        )
      }
      return this.#addLink(tx, person, asking)
    })
  }

  async lookAtLink(token: string, origin: Origin): Promise<LinkTarget> {
    await this.parts.attempts.from(origin.address)
    const { login, name, passwordHash } = await this.#linked(this.parts.database.reader, token)
    return { login, name, isInvitation: passwordHash === null }
  }

  /** Sets the password, signs everything else of this person out, and signs them in here. */
  async useLink({ token, password }: LinkUse, origin: Origin): Promise<SignedIn> {
    const { attempts, clock, credentials, database, passwords, signIns } = this.parts
    await attempts.from(origin.address)
    const known = await this.#linked(database.reader, token)
    await checkPassword(password, known)
    const passwordHash = await passwords.hash(password)
    const signedIn = await database.write(async (tx) => {
      const { id } = await this.#linked(tx, token)
      const person = await changePerson(tx, id, { passwordHash })
      await endLinks(tx, id, new Date(clock.now()))
      await removeSignIns(tx, { personId: id })
      await record(tx, { type: 'person.password-set', actor: id, request: origin.request })
      return signIns.start(tx, person, 'link', origin)
    })
    credentials.forget({ person: known.id })
    await attempts.succeeded(known.login)
    return signedIn
  }

  /** One's own. Other browsers are signed out. */
  async changePassword({ current, next }: PasswordChange, { actor, request }: Asking) {
    const { attempts, credentials, database, passwords } = this.parts
    const person = await this.#read(database.reader, actor.id)
    await attempts.begin(person.login)
    if (!(await passwords.verify(person.passwordHash, current))) {
      throw new PinlabError('PINLAB_SIGN_IN_FAILED', 'Your current password is another one.')
    }
    await attempts.succeeded(person.login)
    await checkPassword(next, person)
    const passwordHash = await passwords.hash(next)
    await database.write(async (tx) => {
      const now = await this.#read(tx, actor.id)
      if (now.passwordHash !== person.passwordHash) {
        throw new PinlabError(
          'PINLAB_REQUEST_STALE',
          'Your password was changed elsewhere meanwhile. Sign in again.',
        )
      }
      await changePerson(tx, actor.id, { passwordHash })
      await removeSignIns(tx, { personId: actor.id, id: { not: actor.credential } })
      await record(tx, { type: 'person.password-set', actor: actor.id, request })
    })
    credentials.forget({ person: actor.id, except: actor.credential })
  }

  async #addLink(
    tx: Transaction,
    person: PersonRow,
    { actor, request }: Asking,
  ): Promise<OneTimeLink> {
    const secret = newSecret()
    const now = this.parts.clock.now()
    const expiresAt = new Date(now + linkMs[person.passwordHash ? 'reset' : 'invitation'])
    await addLink(tx, {
      personId: person.id,
      secretHash: hashOf(secret),
      madeBy: actor.id,
      madeAt: new Date(now),
      expiresAt,
    })
    const detail = { person: person.id }
    await record(tx, { type: 'person.link-made', actor: actor.id, request, detail })
    return { path: `/link#${secret}`, expiresAt: expiresAt.toISOString() }
  }

  async #linked(reader: Database['reader'] | Transaction, token: string): Promise<PersonRow> {
    const link = await readLink(reader, hashOf(token.trim()))
    const isGood =
      link &&
      !link.endedAt &&
      !link.person.disabledAt &&
      link.expiresAt.getTime() > this.parts.clock.now()
    if (isGood) return link.person
    throw new PinlabError(
      'PINLAB_LINK_UNKNOWN',
      'This link has been used, has run out, or was replaced by a newer one. Ask an administrator for another.',
    )
  }

  async #read(reader: Database['reader'] | Transaction, id: string): Promise<PersonRow> {
    const person = await readPerson(reader, id)
    if (!person) throw new PinlabError('PINLAB_PERSON_UNKNOWN', 'There is no such person.')
    return person
  }
}

function loginTaken(login: string): PinlabError {
  return new PinlabError(
    'PINLAB_PERSON_LOGIN_TAKEN',
    `Somebody signs in as ${login.toLowerCase()} already. Take another name.`,
  )
}
