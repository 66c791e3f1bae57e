import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PinlabError } from '../../server/errors.ts'
import { readNetwork } from '../../server/network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder(afterAll)
writeFileSync(join(folder, 'cert.pem'), 'a certificate')
writeFileSync(join(folder, 'key.pem'), 'a key')

const pair = { PINLAB_TLS_CERT: 'cert.pem', PINLAB_TLS_KEY: 'key.pem' }
const outside = { PINLAB_HOST: '0.0.0.0' }
const lab = { PINLAB_ORIGIN: 'https://lab.example.org' }
const plainLab = { PINLAB_ORIGIN: 'http://lab.example.org' }
const proxy = { PINLAB_TRUST_PROXY: '10.1.2.3, 10.2.0.0/16,fd00::/8' }
const plain = { PINLAB_PLAIN_HTTP: 'others-can-read-along' } as const

const read = (settings: Partial<Parameters<typeof readNetwork>[0]>) =>
  readNetwork({ PINLAB_HOST: '127.0.0.1', ...settings }, folder)

describe('how Pinlab faces the network', () => {
  it('is loopback alone where nothing is said', () => {
    expect(read({})).toEqual({
      host: '127.0.0.1',
      origin: null,
      tls: null,
      trustedProxies: [],
      isSecure: false,
      isPlainHttp: false,
    })
  })

  it('takes other addresses with a certificate, behind a named proxy, or by explicit leave', () => {
    expect(read({ ...outside, ...lab, ...pair })).toMatchObject({
      tls: { cert: Buffer.from('a certificate'), key: Buffer.from('a key') },
      isSecure: true,
      isPlainHttp: false,
    })
    expect(read({ ...outside, ...lab, ...proxy })).toMatchObject({
      trustedProxies: ['10.1.2.3', '10.2.0.0/16', 'fd00::/8'],
      isSecure: true,
    })
    expect(read({ ...outside, ...plainLab, ...plain })).toMatchObject({
      isSecure: false,
      isPlainHttp: true,
    })
    const published = { PINLAB_ORIGIN: 'http://127.0.0.1:8080' }
    expect(read({ ...outside, ...published, ...plain }).isPlainHttp).toBe(false)
  })

  it.each([
    ['an address that others reach, without HTTPS', { ...outside, ...lab }, /can reach/],
    ['HTTPS outside without a name', { ...outside, ...pair }, /PINLAB_ORIGIN is missing/],
    ['a proxy without a name', { ...proxy }, /PINLAB_ORIGIN is missing/],
    ['a proxy that speaks plain HTTP', { ...proxy, ...plainLab }, /must begin with https:/],
    ['a certificate without its key', { PINLAB_TLS_CERT: 'cert.pem' }, /belong together/],
    ['a certificate that is not there', { ...pair, PINLAB_TLS_CERT: 'no.pem' }, /cannot be read/],
    ['a certificate and an origin without it', { ...pair, ...plainLab }, /Write https:/],
    ['every proxy of the world', { ...lab, PINLAB_TRUST_PROXY: '0.0.0.0/0' }, /is no address/],
    ['a proxy by name', { ...lab, PINLAB_TRUST_PROXY: 'proxy.example.org' }, /is no address/],
    ['true for a list', { ...lab, PINLAB_TRUST_PROXY: 'true' }, /is no address/],
  ])('refuses %s', (_, settings, why) => {
    expect(() => read(settings)).toThrow(PinlabError)
    expect(() => read(settings)).toThrow(why)
  })
})
