// How Pinlab faces the network: where it listens, what it is called there, and whether others can read along. Pure but for reading the
// certificate's files.

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { PinlabError } from './errors.ts'

const NetworkSettings = Type.Object({
  PINLAB_HOST: Type.String({ default: '127.0.0.1', minLength: 1 }),
  PINLAB_ORIGIN: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
  PINLAB_TLS_CERT: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_TLS_KEY: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_TRUST_PROXY: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_PLAIN_HTTP: Type.Optional(Type.Literal('others-can-read-along')),
})
type NetworkSettings = Static<typeof NetworkSettings>
export const networkSettings = NetworkSettings.properties

export interface Network {
  host: string
  /** What people call it, where that is not the address we listen on. */
  origin: string | null
  tls: { cert: Buffer; key: Buffer } | null
  /** Addresses and networks of proxies whose word about the client is taken. */
  trustedProxies: string[]
  /** Browsers reach it by HTTPS. */
  isSecure: boolean
  /** Others on the network can read along. */
  isPlainHttp: boolean
}

export const onLoopback: Network = {
  host: '127.0.0.1',
  origin: null,
  tls: null,
  trustedProxies: [],
  isSecure: false,
  isPlainHttp: false,
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** `folder` is where relative paths begin. Throws PINLAB_START_NETWORK, which says what is missing. */
export function readNetwork(settings: NetworkSettings, folder: string): Network {
  const { PINLAB_HOST: host, PINLAB_ORIGIN: origin = null } = settings
  const tls = readTls(settings, folder)
  const trustedProxies = readProxies(settings.PINLAB_TRUST_PROXY)
  const isExposed = !loopback.has(host)
  const isSecure = tls !== null || origin?.startsWith('https:') === true
  const allowsPlain = settings.PINLAB_PLAIN_HTTP !== undefined
  if (tls && origin?.startsWith('http:')) {
    throw refused('PINLAB_ORIGIN begins with http:, but there is a certificate. Write https:.')
  }
  if (isExposed && !tls && trustedProxies.length === 0 && !allowsPlain) {
    throw refused(
      `PINLAB_HOST is ${host}, which others on the network can reach and read along. Give PINLAB_TLS_CERT and PINLAB_TLS_KEY; or put a proxy with HTTPS before Pinlab and name it in PINLAB_TRUST_PROXY; or use 127.0.0.1.`,
    )
  }
  if ((isExposed || trustedProxies.length > 0) && origin === null) {
    throw refused(
      'PINLAB_ORIGIN is missing: say how browsers reach Pinlab, for example https://lab.example.org. Requests by other names are refused.',
    )
  }
  if (trustedProxies.length > 0 && !isSecure && !allowsPlain) {
    throw refused('PINLAB_ORIGIN must begin with https: where a proxy faces the network.')
  }
  return {
    host,
    origin,
    tls,
    trustedProxies,
    isSecure,
    // By a name of loopback alone (a port that a container publishes there) nothing leaves the machine.
    isPlainHttp: !isSecure && (isExposed || trustedProxies.length > 0) && !isLoopbackOrigin(origin),
  }
}

const isLoopbackOrigin = (origin: string | null) =>
  origin !== null && loopback.has(new URL(origin).hostname.replace(/^\[|\]$/g, ''))

function readTls(settings: NetworkSettings, folder: string): Network['tls'] {
  const { PINLAB_TLS_CERT: cert, PINLAB_TLS_KEY: key } = settings
  if (cert === undefined && key === undefined) return null
  if (cert === undefined || key === undefined) {
    throw refused('PINLAB_TLS_CERT and PINLAB_TLS_KEY belong together; one of them is missing.')
  }
  try {
    return { cert: readFileSync(resolve(folder, cert)), key: readFileSync(resolve(folder, key)) }
  } catch (error) {
    throw refused(`The certificate cannot be read: ${(error as Error).message}`)
  }
}

function readProxies(list = ''): string[] {
  const proxies = list.split(',').flatMap((entry) => entry.trim() || [])
  for (const proxy of proxies) {
    const [address = '', bits = '', ...rest] = proxy.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const isNetwork = rest.length === 0 && isIP(address) !== 0 && /^\d{0,3}$/.test(bits)
    if (isNetwork && Number(bits) <= most && bits !== '0') continue
    throw refused(
      `PINLAB_TRUST_PROXY: ${proxy} is no address or network such as 10.1.2.3 or 10.1.2.0/24.`,
    )
  }
  return proxies
}

function refused(detail: string): PinlabError {
  return new PinlabError('PINLAB_START_NETWORK', detail)
}
