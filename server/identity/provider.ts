// Signing in with an OpenID provider: authorization code with PKCE. Whom it names is a person of ours by the provider's own id of them.

import * as openid from 'openid-client'
import { personal, record } from '../audit/audit.ts'
import { PinlabError } from '../errors.ts'
import type { Transaction } from '../plugins/database/database.ts'
import type { ProviderSettings } from '../provider-settings.ts'
import {
  addPerson,
  changePerson,
  endLinks,
  type PersonRow,
  readPersonByLogin,
  readPersonByProvider,
} from './identity-store.ts'
import { hashOf, newSecret } from './secrets.ts'
import type { Origin, SignedIn, SignInServices, SignIns } from './sign-ins.ts'

const validMs = 10 * 60_000
const mostPending = 1000

interface Pending {
  codeVerifier: string
  nonce: string
  state: string
  returnTo: string
  endsAt: number
}

interface Claims {
  iss: string
  sub: string
  name?: unknown
  email?: unknown
  email_verified?: unknown
}

export interface Departure {
  /** Where the browser goes. */
  url: URL
  /** What it brings back in a cookie: only the browser that left may arrive. */
  secret: string
}

export class Provider {
  readonly #pending = new Map<string, Pending>()
  #configuration: Promise<openid.Configuration> | undefined

  constructor(
    private readonly settings: ProviderSettings,
    private readonly parts: Pick<SignInServices, 'clock' | 'attempts'> & { signIns: SignIns },
  ) {}

  get name(): string {
    return this.settings.name
  }

  /**
   * `callback` is our own address that the provider sends the browser back to. `again`: the provider asks for proof though it knows the
   * browser.
   */
  async depart(
    { callback, returnTo, again }: { callback: string; returnTo: string; again: boolean },
    { address }: Origin,
  ): Promise<Departure> {
    await this.parts.attempts.from(address)
    const configuration = await this.#discover()
    const codeVerifier = openid.randomPKCECodeVerifier()
    const pending = {
      codeVerifier,
      nonce: openid.randomNonce(),
      state: openid.randomState(),
      returnTo,
      endsAt: this.parts.clock.now() + validMs,
    }
    const secret = newSecret()
    this.#remember(hashOf(secret), pending)
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope: 'openid profile email',
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
      ...(again ? { prompt: 'login' } : {}),
    })
    return { url, secret }
  }

  /** `arrival` is the address that the browser came back to, with the provider's answer. */
  async arrive(
    secret: string | undefined,
    arrival: URL,
    origin: Origin,
  ): Promise<SignedIn & { returnTo: string }> {
    const key = hashOf(secret ?? '')
    const pending = this.#pending.get(key)
    this.#pending.delete(key)
    if (!pending || pending.endsAt <= this.parts.clock.now()) {
      throw failed('This sign-in was begun elsewhere or too long ago. Begin again.')
    }
    const claims = await this.#claimsOf(arrival, pending)
    const { signIns } = this.parts
    const signedIn = await signIns.commit(async (tx) => {
      const person = await this.#personOf(tx, claims, origin.request)
      return signIns.start(tx, person, 'provider', origin)
    })
    return { ...signedIn, returnTo: pending.returnTo }
  }

  async #claimsOf(arrival: URL, pending: Pending): Promise<Claims> {
    const configuration = await this.#discover()
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, arrival, {
        pkceCodeVerifier: pending.codeVerifier,
        expectedNonce: pending.nonce,
        expectedState: pending.state,
        idTokenExpected: true,
      })
      // `idTokenExpected`: it is there.
      const claims = tokens.claims() as openid.IDToken
      const { iss, sub, email } = claims
      if (email || !configuration.serverMetadata().userinfo_endpoint) return claims
      // Some tell more than the id only when asked.
      const more = await openid.fetchUserInfo(configuration, tokens.access_token, sub)
      return { ...more, iss, sub }
    } catch (cause) {
      throw failed(`${this.name} did not confirm who you are.`, cause)
    }
  }

  /** Somebody known; somebody invited, by an address that the provider has verified; or, where the lab lets them in, somebody new. */
  async #personOf(tx: Transaction, claims: Claims, request: string): Promise<PersonRow> {
    const provider = `${claims.iss} ${claims.sub}`
    const known = await readPersonByProvider(tx, provider)
    if (known?.disabledAt) {
      throw new PinlabError('PINLAB_PERSON_DISABLED', 'Your account is disabled.')
    }
    if (known) return known
    const address = claims.email_verified === true ? String(claims.email) : null
    const invited = address && (await readPersonByLogin(tx, address))
    if (invited) {
      // Who has a password here is not taken over by an account elsewhere.
      const isOpen = !invited.passwordHash && !invited.provider && !invited.disabledAt
      if (!isOpen) throw this.#refused()
      await endLinks(tx, invited.id, new Date(this.parts.clock.now()))
      const { id } = invited
      const detail = { person: id, by: 'provider' }
      const parts = [personal(id, { provider })]
      await record(tx, { type: 'person.changed', actor: id, request, detail, parts })
      return changePerson(tx, id, { provider })
    }
    const { newPeople } = this.settings
    if (newPeople === 'refuse' || !address) throw this.#refused()
    const person = await addPerson(tx, {
      login: address,
      name: String(claims.name ?? address).slice(0, 80),
      role: newPeople,
      createdAt: new Date(this.parts.clock.now()),
      provider,
    })
    if (!person) throw this.#refused()
    const detail = { person: person.id, role: newPeople, by: 'provider' }
    const parts = [personal(person.id, { login: address, name: person.name, provider })]
    await record(tx, { type: 'person.invited', actor: person.id, request, detail, parts })
    return person
  }

  #refused(): PinlabError {
    return new PinlabError(
      'PINLAB_PROVIDER_UNKNOWN',
      `${this.name} knows you, but this lab does not. Ask its administrator to invite you by your address there.`,
    )
  }

  async #discover(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings
    const insecure = issuer.protocol === 'http:' ? { execute: [openid.allowInsecureRequests] } : {}
    this.#configuration ??= openid.discovery(
      issuer,
      clientId,
      clientSecret ?? undefined,
      clientSecret === null ? openid.None() : undefined,
      insecure,
    )
    try {
      return await this.#configuration
    } catch (cause) {
      // It may be back the next time.
      this.#configuration = undefined
      throw failed(`${this.name} cannot be reached.`, cause)
    }
  }

  #remember(key: string, pending: Pending): void {
    const now = this.parts.clock.now()
    for (const [other, { endsAt }] of this.#pending) {
      if (endsAt <= now || this.#pending.size >= mostPending) this.#pending.delete(other)
    }
    this.#pending.set(key, pending)
  }
}

function failed(detail: string, cause?: unknown): PinlabError {
  return new PinlabError('PINLAB_PROVIDER_FAILED', detail, { cause })
}
