// The services of identity, put together.

import type { Clock } from '../clock.ts'
import type { Database } from '../plugins/database/database.ts'
import type { ProviderSettings } from '../provider-settings.ts'
import { ApiTokens } from './api-tokens.ts'
import { Attempts } from './attempts.ts'
import { Credentials } from './credentials.ts'
import { isLabEmpty } from './identity-store.ts'
import { Passwords } from './passwords.ts'
import { People } from './people.ts'
import { Provider } from './provider.ts'
import { SetUp } from './set-up.ts'
import { SignIns } from './sign-ins.ts'

export class IdentityServices {
  readonly credentials: Credentials
  readonly signIns: SignIns
  readonly tokens: ApiTokens
  readonly people: People
  readonly setUp: SetUp
  readonly provider: Provider | null

  constructor(
    private readonly parts: {
      database: Database
      clock: Clock
      dataFolder: string
      provider: ProviderSettings | null
      onError: (error: unknown) => void
    },
  ) {
    const { database, clock, dataFolder, provider, onError } = parts
    const passwords = new Passwords()
    const attempts = new Attempts()
    this.credentials = new Credentials(database, clock, onError)
    const shared = { database, clock, passwords, attempts, credentials: this.credentials }
    this.signIns = new SignIns(shared)
    this.tokens = new ApiTokens(database, clock, this.credentials)
    this.provider = provider && new Provider(provider, { ...shared, signIns: this.signIns })
    this.setUp = new SetUp(dataFolder, clock)
    this.people = new People({ ...shared, signIns: this.signIns, setUp: this.setUp })
  }

  /** At start: where nobody can sign in, the token that makes the first administrator; else null. */
  async beginSetUp(): Promise<string | null> {
    if (await isLabEmpty(this.parts.database.reader)) return this.setUp.begin()
    // A process that was killed right after the set-up may have left the file behind.
    this.setUp.end()
    return null
  }
}
