// People, how they sign in, and what they may do.

import Type, { type Static } from 'typebox'
import { longestTokenDays, passwordLimits } from './limits.ts'
import { Id, Nullable, Time } from './schema.ts'

export const roles = ['viewer', 'operator', 'admin', 'auditor'] as const
export const Role = Type.Enum([...roles])
export type Role = Static<typeof Role>

export const scopes = ['read', 'book', 'control', 'audit', 'admin'] as const
export const Scope = Type.Enum([...scopes])
export type Scope = Static<typeof Scope>

/** What people sign in with. Upper case is taken for lower case. */
export const Login = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$',
  description: 'letters, digits and . _ @ -, at most 64',
})
export const PersonName = Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' })
/** Of any length here: too short a one is refused with its own code. */
export const Password = Type.String({ maxLength: passwordLimits.longest })
export const Secret = Type.String({ minLength: 1, maxLength: 200 })

export const Person = Type.Object({
  id: Id,
  login: Type.String(),
  name: Type.String(),
  role: Role,
  state: Type.Enum(['invited', 'active', 'disabled']),
  createdAt: Time,
  lastUsedAt: Nullable(Time),
  version: Type.Integer({ description: 'the ETag, for If-Match' }),
})
export type Person = Static<typeof Person>

export const NamedPerson = Type.Object({ id: Id, login: Type.String(), name: Type.String() })
export type NamedPerson = Static<typeof NamedPerson>

export const Me = Type.Object({
  id: Type.String(),
  login: Type.String(),
  name: Type.String(),
  role: Role,
  permissions: Type.Array(Type.String()),
  /** The sign-in that asks, as GET /me/sessions lists it; null for a token. */
  signIn: Nullable(Id),
  hasPassword: Type.Boolean(),
})
export type Me = Static<typeof Me>

export const SignInOptions = Type.Object({
  setUpDue: Type.Boolean({ description: 'nobody can sign in yet: the console shows the link' }),
  provider: Nullable(Type.Object({ name: Type.String() })),
  isPlainHttp: Type.Boolean({ description: 'others on the network can read along' }),
})
export type SignInOptions = Static<typeof SignInOptions>

export const SetUpRequest = Type.Object(
  { token: Secret, login: Login, name: PersonName, password: Password },
  { additionalProperties: false },
)
export type SetUpRequest = Static<typeof SetUpRequest>

export const LoginRequest = Type.Object(
  { login: Type.String({ maxLength: 200 }), password: Password },
  { additionalProperties: false },
)
export type LoginRequest = Static<typeof LoginRequest>

/** Of whoever is signed in, once more. */
export const Confirmation = Type.Object({ password: Password }, { additionalProperties: false })
export type Confirmation = Static<typeof Confirmation>

export const SignIn = Type.Object({
  id: Id,
  method: Type.Enum(['password', 'link', 'provider', 'set-up']),
  address: Type.String(),
  userAgent: Type.String(),
  startedAt: Time,
  lastUsedAt: Time,
  endsAt: Time,
  isThis: Type.Boolean(),
})
export type SignIn = Static<typeof SignIn>

export const ApiToken = Type.Object({
  id: Id,
  name: Type.String(),
  scopes: Type.Array(Scope),
  createdAt: Time,
  expiresAt: Time,
  lastUsedAt: Nullable(Time),
})
export type ApiToken = Static<typeof ApiToken>

export const NewApiToken = Type.Object(
  {
    name: PersonName,
    scopes: Type.Array(Scope, { minItems: 1, uniqueItems: true }),
    days: Type.Integer({ minimum: 1, maximum: longestTokenDays, default: 90 }),
  },
  { additionalProperties: false },
)
export type NewApiToken = Static<typeof NewApiToken>

export const ApiTokenMade = Type.Object({
  ...ApiToken.properties,
  token: Type.String({ description: 'shown this once' }),
})
export type ApiTokenMade = Static<typeof ApiTokenMade>

export const NewPerson = Type.Object(
  { login: Login, name: PersonName, role: Role },
  { additionalProperties: false },
)
export type NewPerson = Static<typeof NewPerson>

export const PersonChange = Type.Object(
  {
    name: Type.Optional(PersonName),
    role: Type.Optional(Role),
    disabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type PersonChange = Static<typeof PersonChange>

export const OneTimeLink = Type.Object({
  path: Type.String({ description: 'to put behind the address of the lab; works once' }),
  expiresAt: Time,
})
export type OneTimeLink = Static<typeof OneTimeLink>

export const Invited = Type.Object({ person: Person, link: OneTimeLink })
export type Invited = Static<typeof Invited>

export const LinkTarget = Type.Object({
  login: Type.String(),
  name: Type.String(),
  isInvitation: Type.Boolean(),
})
export type LinkTarget = Static<typeof LinkTarget>

export const LinkUse = Type.Object(
  { token: Secret, password: Password },
  { additionalProperties: false },
)
export type LinkUse = Static<typeof LinkUse>

export const PasswordChange = Type.Object(
  { current: Password, next: Password },
  { additionalProperties: false },
)
export type PasswordChange = Static<typeof PasswordChange>
