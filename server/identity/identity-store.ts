// The tables of people, their sign-ins, tokens and links.

import type { Person, Role, SignIn } from '../contract/identity.ts'
import { isUniqueViolation, type Reader, type Transaction } from '../plugins/database/database.ts'

export interface PersonRow {
  id: string
  login: string
  name: string
  role: Role
  passwordHash: string | null
  createdAt: Date
  disabledAt: Date | null
  version: number
  provider: string | null
}

type Source = Reader | Transaction

const rolesThatControl: readonly Role[] = ['operator', 'admin']

export const isLabEmpty = async (reader: Source) => (await reader.person.count()) === 0

export const readPerson = (reader: Source, id: string): Promise<PersonRow | null> =>
  reader.person.findUnique({ where: { id } })

export const readPersonByLogin = (reader: Source, login: string): Promise<PersonRow | null> =>
  reader.person.findUnique({ where: { login: login.toLowerCase() } })

export const readPersonByProvider = (reader: Source, provider: string): Promise<PersonRow | null> =>
  reader.person.findUnique({ where: { provider } })

/** Newest first, with the time of their latest use. */
export async function readPeople(
  reader: Source,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Person[]> {
  const rows = await reader.person.findMany({
    orderBy: { id: 'desc' },
    take: limit,
    ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
    include: {
      signIns: { orderBy: { lastUsedAt: 'desc' }, take: 1, select: { lastUsedAt: true } },
    },
  })
  return rows.map(({ signIns, ...row }) => toPerson(row, signIns[0]?.lastUsedAt ?? null))
}

/** Names of these people, or of all: the newest, at most `take`. */
export function readNames(reader: Source, { ids, take }: { ids?: string[]; take: number }) {
  return reader.person.findMany({
    where: ids ? { id: { in: ids } } : {},
    select: { id: true, login: true, name: true },
    orderBy: { id: 'desc' },
    take,
  })
}

export function toPerson(row: PersonRow, lastUsedAt: Date | null = null): Person {
  const { id, login, name, role, createdAt, version } = row
  return {
    id,
    login,
    name,
    role,
    state: row.disabledAt ? 'disabled' : row.passwordHash || row.provider ? 'active' : 'invited',
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    version,
  }
}

/** Null: somebody has this login. */
export async function addPerson(
  tx: Transaction,
  person: { login: string; name: string; role: Role; createdAt: Date } & Partial<
    Pick<PersonRow, 'passwordHash' | 'provider'>
  >,
): Promise<PersonRow | null> {
  try {
    return await tx.person.create({ data: { ...person, login: person.login.toLowerCase() } })
  } catch (error) {
    if (isUniqueViolation(error)) return null
    throw error
  }
}

export const changePerson = (
  tx: Transaction,
  id: string,
  change: Partial<Pick<PersonRow, 'name' | 'role' | 'disabledAt' | 'passwordHash' | 'provider'>>,
): Promise<PersonRow> =>
  tx.person.update({ where: { id }, data: { ...change, version: { increment: 1 } } })

/** Administrators who can sign in: an invitation that nobody has taken may run out. */
export const countActiveAdmins = (tx: Transaction): Promise<number> =>
  tx.person.count({
    where: {
      role: 'admin',
      disabledAt: null,
      OR: [{ passwordHash: { not: null } }, { provider: { not: null } }],
    },
  })

export const canAdminister = (row: PersonRow) =>
  row.role === 'admin' && toPerson(row).state === 'active'

export interface SignInRow {
  id: string
  personId: string
  method: string
  address: string
  userAgent: string
  startedAt: Date
  lastUsedAt: Date
}

export const addSignIn = (
  tx: Transaction,
  signIn: Omit<SignInRow, 'id'> & { secretHash: string },
): Promise<SignInRow> => tx.signIn.create({ data: signIn })

export const readSignIn = (reader: Source, secretHash: string) =>
  reader.signIn.findUnique({ where: { secretHash }, include: { person: true } })

/** Newest first. */
export const readSignIns = (reader: Source, personId: string): Promise<SignInRow[]> =>
  reader.signIn.findMany({ where: { personId }, orderBy: { id: 'desc' } })

export async function touchSignIn(tx: Transaction, id: string, lastUsedAt: Date): Promise<void> {
  await tx.signIn.updateMany({ where: { id }, data: { lastUsedAt } })
}

/** How many of them there were. */
export async function removeSignIns(
  tx: Transaction,
  where: { personId: string; id?: string | { in: string[] } | { not: string } },
): Promise<number> {
  return (await tx.signIn.deleteMany({ where })).count
}

export interface TokenRow {
  id: string
  personId: string
  name: string
  scopes: string
  createdAt: Date
  expiresAt: Date
  lastUsedAt: Date | null
}

export const addToken = (
  tx: Transaction,
  token: Omit<TokenRow, 'id' | 'lastUsedAt'> & { secretHash: string },
): Promise<TokenRow> => tx.apiToken.create({ data: token })

export const readToken = (reader: Source, id: string) =>
  reader.apiToken.findUnique({ where: { id }, include: { person: true } })

/** Newest first, without those revoked. */
export const readTokens = (reader: Source, personId: string): Promise<TokenRow[]> =>
  reader.apiToken.findMany({ where: { personId, revokedAt: null }, orderBy: { id: 'desc' } })

export async function touchToken(tx: Transaction, id: string, lastUsedAt: Date): Promise<void> {
  await tx.apiToken.updateMany({ where: { id }, data: { lastUsedAt } })
}

/** Whether there was such a token. */
export async function revokeToken(
  tx: Transaction,
  { id, personId, at }: { id: string; personId: string; at: Date },
): Promise<boolean> {
  const where = { id, personId, revokedAt: null }
  return (await tx.apiToken.updateMany({ where, data: { revokedAt: at } })).count > 0
}

export async function addLink(
  tx: Transaction,
  link: { personId: string; secretHash: string; madeBy: string; madeAt: Date; expiresAt: Date },
): Promise<void> {
  await endLinks(tx, link.personId, link.madeAt)
  await tx.oneTimeLink.create({ data: link })
}

export const readLink = (reader: Source, secretHash: string) =>
  reader.oneTimeLink.findUnique({ where: { secretHash }, include: { person: true } })

export async function endLinks(tx: Transaction, personId: string, at: Date): Promise<void> {
  await tx.oneTimeLink.updateMany({ where: { personId, endedAt: null }, data: { endedAt: at } })
}

export type SignInMethod = SignIn['method']

/** Of these logins, the people who may control boards. */
export const readControllers = (tx: Source, logins: readonly string[]): Promise<PersonRow[]> =>
  tx.person.findMany({
    where: {
      login: { in: logins.map((login) => login.toLowerCase()) },
      disabledAt: null,
      role: { in: [...rolesThatControl] },
    },
  })

/** Name, login, and whatever else tells who it was. The row stays, since others name it. */
export async function erasePersonRows(
  tx: Transaction,
  id: string,
  { name, at }: { name: string; at: Date },
): Promise<void> {
  const nobody = { login: `${name}-${id}`, name, passwordHash: null, provider: null }
  await tx.person.update({ where: { id }, data: { ...nobody, version: { increment: 1 } } })
  await tx.signIn.deleteMany({ where: { personId: id } })
  await tx.oneTimeLink.deleteMany({ where: { personId: id } })
  await tx.apiToken.updateMany({
    where: { personId: id, revokedAt: null },
    data: { revokedAt: at },
  })
  await tx.apiToken.updateMany({ where: { personId: id }, data: { name } })
}
