// The OpenID provider that signs people in, as the environment names it.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { PinlabError } from './errors.ts'

const Settings = Type.Object({
  PINLAB_OIDC_ISSUER: Type.Optional(Type.String({ pattern: '^https?://[^\\s]+$' })),
  PINLAB_OIDC_CLIENT: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_OIDC_SECRET_FILE: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_OIDC_NAME: Type.String({ default: 'OpenID', minLength: 1, maxLength: 40 }),
  PINLAB_OIDC_NEW_PEOPLE: Type.Enum(['refuse', 'viewer', 'operator'], { default: 'refuse' }),
})
type Settings = Static<typeof Settings>
export const providerSettings = Settings.properties

export interface ProviderSettings {
  issuer: URL
  clientId: string
  /** Null: a public client, which PKCE alone protects. */
  clientSecret: string | null
  /** What the button says. */
  name: string
  /** The role of people whom nobody invited, or that they are refused. */
  newPeople: 'refuse' | 'viewer' | 'operator'
}

/** Null: none is named. `folder` is where relative paths begin. */
export function readProvider(settings: Settings, folder: string): ProviderSettings | null {
  const { PINLAB_OIDC_ISSUER: issuer, PINLAB_OIDC_CLIENT: clientId } = settings
  if (issuer === undefined && clientId === undefined) return null
  if (issuer === undefined || clientId === undefined) {
    throw wrong('PINLAB_OIDC_ISSUER and PINLAB_OIDC_CLIENT belong together; one is missing.')
  }
  const url = new URL(issuer)
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !isLoopback) {
    throw wrong(`PINLAB_OIDC_ISSUER is ${issuer}; a provider needs https:.`)
  }
  return {
    issuer: url,
    clientId,
    clientSecret: readSecret(settings.PINLAB_OIDC_SECRET_FILE, folder),
    name: settings.PINLAB_OIDC_NAME,
    newPeople: settings.PINLAB_OIDC_NEW_PEOPLE,
  }
}

function readSecret(file: string | undefined, folder: string): string | null {
  if (file === undefined) return null
  try {
    return readFileSync(resolve(folder, file), 'utf8').trim()
  } catch (error) {
    throw wrong(`PINLAB_OIDC_SECRET_FILE cannot be read: ${(error as Error).message}`)
  }
}

function wrong(detail: string): PinlabError {
  return new PinlabError('PINLAB_START_CONFIG', detail)
}
