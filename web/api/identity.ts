// The HTTP API of people and how they sign in, one function for each route. Failures are ApiProblem.

import type {
  ApiToken,
  ApiTokenMade,
  Confirmation,
  Invited,
  LinkTarget,
  LinkUse,
  LoginRequest,
  Me,
  NewApiToken,
  NewPerson,
  OneTimeLink,
  PasswordChange,
  Person,
  PersonChange,
  SetUpRequest,
  SignIn,
  SignInOptions,
} from '../../server/contract/identity.ts'
import type { Listing } from './http.ts'
import { at, get, patch, post, put, remove } from './requests.ts'

export const getMe = () => get<Me>('/me')
export const getSignInOptions = () => get<SignInOptions>('/login')
export const signIn = (request: LoginRequest) => post<Me>('/login', request)
export const signOut = () => post<void>('/logout')
export const setUp = (request: SetUpRequest) => post<Me>('/setup', request)
export const lookAtLink = (token: string) => post<LinkTarget>('/links/look', { token })
export const useLink = (request: LinkUse) => post<Me>('/links/use', request)

export const changePassword = (change: PasswordChange) => put<void>('/me/password', change)
export const confirm = (confirmation: Confirmation) => post<void>('/me/confirm', confirmation)
export const listSignIns = () => get<{ items: SignIn[] }>('/me/sessions')
export const endSignIn = (id: string) => remove(`/me/sessions/${at(id)}`)
export const listTokens = () => get<{ items: ApiToken[] }>('/me/tokens')
export const makeToken = (wanted: NewApiToken) => post<ApiTokenMade>('/me/tokens', wanted)
export const revokeToken = (id: string) => remove(`/me/tokens/${at(id)}`)

export const listPeople = (cursor: string | null) =>
  get<Listing<Person>>(cursor ? `/users?cursor=${at(cursor)}` : '/users')
export const getPerson = (id: string) => get<Person>(`/users/${at(id)}`)
export const invite = (wanted: NewPerson) => post<Invited>('/users', wanted)
export const changePerson = ({ id, version }: Person, change: PersonChange) =>
  patch<Person>(`/users/${at(id)}`, version, change)
export const makeLink = (id: string) => post<OneTimeLink>(`/users/${at(id)}/link`)
