import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const board = `
boards:
  - id: sim0
    name: A board
    bus: simulated
    driver: xdma
    config: { h2c: [memory], c2h: [adc], recording: tones/one.wav }
`

const real = (address: string, id = 'a') => `boards:
  - id: ${id}
    name: A real board
    bus: vfio
    driver: edu
    address: ${address}
`

function configOf(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'lab.yaml'), yaml)
  return { folder, config: () => readConfig({ PINLAB_CONFIG: 'lab.yaml', ...env }, folder) }
}

const hook = (fields: string) => `${board}webhooks:\n  - { name: chat, ${fields} }\n`

const startError = (code: string) => expect.objectContaining({ code })

describe('the configuration', () => {
  it('has defaults, and finds files beside pinlab.yaml', () => {
    const { folder, config } = configOf(board)
    expect(config()).toMatchObject({
      network: { host: '127.0.0.1' },
      port: 8080,
      dataFolder: join(folder, 'data'),
      limits: { lockedByteLengthPerBoard: 256 * 1024 * 1024, locksPerLease: 16 },
    })
    expect(config().boards[0]?.config).toMatchObject({ recording: join(folder, 'tones/one.wav') })
  })

  it('says what a recording without a header is made of', () => {
    const raw = board.replace('one.wav', 'one.raw, recordingFormat: { format: f32le, channels: 3 }')
    expect(configOf(raw).config().boards[0]?.config).toMatchObject({
      recordingFormat: { format: 'f32le', channels: 3 },
    })
    expect(configOf(raw.replace('f32le', 'f32be')).config).toThrow(
      startError('PINLAB_START_CONFIG'),
    )
  })

  it('finds real boards by their PCI address, with or without the domain', () => {
    expect(configOf(real('"0000:01:00.0"')).config().boards).toMatchObject([
      { bus: 'vfio', address: '0000:01:00.0', writable: false, config: { fragmentation: 0 } },
    ])
    expect(configOf(real('0A:1f.7')).config().boards).toMatchObject([{ address: '0000:0a:1f.7' }])
    expect(configOf(`${real('10000:e1:00.0')}    writable: true\n`).config().boards).toMatchObject([
      { address: '10000:e1:00.0', writable: true },
    ])
  })

  it.each([
    ['no address', real('')],
    ['a slot without a function', real('"01:00"')],
    ['an address that is none', real('"0000:01:20.0"')],
    ['a name', real('nvme0')],
    ['a board twice, however it is written', real('01:00.0') + real('0000:01:00.0', 'b').slice(8)],
    ['a simulated board with an address', board.replace('bus:', 'address: 01:00.0\n    bus:')],
    ['a bus that does not exist', board.replace('simulated', 'usb')],
  ])('refuses %s', (_, yaml) => {
    expect(configOf(yaml).config).toThrow(startError('PINLAB_START_CONFIG'))
  })

  it('names the field of the board that is wrong', () => {
    const wrong = `${board}${real('01:00.0').slice(8)}    writable: perhaps\n`
    expect(configOf(wrong).config).toThrow(/boards\.1\.writable/)
  })

  it('takes faults of simulated boards, and refuses what is none', () => {
    const faulty = (fault: string) =>
      configOf(board.replace('one.wav', `one.wav, faults: [{ ${fault} }]`)).config
    const bits = { channel: 'h2c0', count: 1, skip: 0, delayMs: 100, bits: 0x8_0000 }
    expect(faulty('kind: errorBits, channel: h2c0, bits: 0x80000')().boards).toMatchObject([
      { config: { faults: [{ kind: 'errorBits', ...bits }] } },
    ])
    for (const kind of ['wrongMagic', 'busMasterOff']) {
      expect(faulty(`kind: ${kind}, channel: c2h0`)().boards).toMatchObject([
        { config: { faults: [{ kind }] } },
      ])
    }
    for (const wrong of [
      'kind: smoke, channel: c2h0',
      'kind: errorBits, channel: c2h0, bits: 0',
      'kind: errorBits, channel: c2h0, bits: many',
      'kind: stall, channel: c2h9',
    ]) {
      expect(faulty(wrong)).toThrow(startError('PINLAB_START_CONFIG'))
    }
  })

  it('takes numbers from the environment', () => {
    expect(configOf(board, { PINLAB_PORT: '0' }).config().port).toBe(0)
  })

  it('is the default lab of two simulated boards where none is named', () => {
    expect(readConfig({}).boards.map(({ id }) => id)).toEqual(['sim0', 'sim1'])
  })

  it.each([
    ['a port that is none', board, { PINLAB_PORT: '80a' }],
    ['an unknown field', board.replace('name:', 'nmae: x\n    name:'), {}],
    ['a board without channels', board.replace('c2h: [adc]', 'c2h: []'), {}],
    ['two boards of one id', board + board.split('boards:')[1], {}],
    ['no YAML', '{ boards: [', {}],
  ])('refuses %s', (_, yaml, env) => {
    expect(configOf(yaml, env).config).toThrow(startError('PINLAB_START_CONFIG'))
  })

  it('refuses a file that is not there', () => {
    expect(() => readConfig({ PINLAB_CONFIG: 'nowhere.yaml' }, temporaryFolder())).toThrow(
      startError('PINLAB_START_CONFIG'),
    )
  })
})

describe('webhooks', () => {
  const webhooksOf = (fields: string) => configOf(hook(fields)).config().webhooks
  const good = 'url: "https://chat.example/in?key=1", secret: sixteen-letters.'

  it('are none, or have a name, an address, a secret and what they are told', () => {
    expect(configOf(board).config().webhooks).toEqual([])
    const all = ['booking.*', 'queue.*', 'lease.*', 'board.state', 'board.fault', 'clock.stepped']
    expect(webhooksOf(good)).toEqual([
      {
        name: 'chat',
        url: new URL('https://chat.example/in?key=1'),
        secret: 'sixteen-letters.',
        events: all,
      },
    ])
    expect(webhooksOf(`${good}, events: [board.fault]`)).toMatchObject([
      { events: ['board.fault'] },
    ])
  })

  it('may have their secret in a file beside pinlab.yaml', () => {
    const { folder, config } = configOf(hook('url: "https://chat.example", secretFile: chat.key'))
    expect(config).toThrow(startError('PINLAB_START_CONFIG'))
    writeFileSync(join(folder, 'chat.key'), 'a secret in a file\n')
    expect(config().webhooks).toMatchObject([{ secret: 'a secret in a file' }])
  })

  it('need HTTPS except on this machine, unless that is said', () => {
    const at = (url: string, more = '') =>
      webhooksOf(`url: "${url}", secret: sixteen-letters.${more}`)[0]?.url.href
    for (const host of ['127.0.0.1:9', 'localhost:9', '[::1]:9']) {
      expect(at(`http://${host}`)).toBe(`http://${host}/`)
    }
    expect(at('http://chat.example', ', insecure: true')).toBe('http://chat.example/')
    expect(() => at('http://chat.example')).toThrow(startError('PINLAB_START_CONFIG'))
  })

  it.each([
    ['url: "ftp://chat.example", secret: sixteen-letters.', 'another protocol'],
    ['url: chat, secret: sixteen-letters.', 'no address'],
    ['url: "https://me:word@chat.example", secret: sixteen-letters.', 'a password in the address'],
    ['url: "https://chat.example"', 'no secret'],
    ['url: "https://chat.example", secret: fifteen-letters', 'a short secret'],
    [`${good}, secretFile: also`, 'two secrets'],
    [`${good}, events: [dma.lock.granted]`, 'an event that is not told'],
    [`${good}, events: []`, 'no event'],
    [`${good}, retries: 3`, 'a field that does not exist'],
  ])('are refused: %s (%s)', (fields) => {
    expect(() => webhooksOf(fields)).toThrow(startError('PINLAB_START_CONFIG'))
  })

  it('are at most eight, no two of one name', () => {
    const many = (names: string[]) =>
      configOf(
        `${board}webhooks:\n${names.map((name) => `  - { name: ${name}, ${good} }\n`).join('')}`,
      ).config
    const names = Array.from({ length: 9 }, (_, index) => `hook${index}`)
    expect(many(names.slice(1))().webhooks).toHaveLength(8)
    expect(many(names)).toThrow(startError('PINLAB_START_CONFIG'))
    expect(many(['one', 'one'])).toThrow(startError('PINLAB_START_CONFIG'))
  })
})

describe('places for checkpoints', () => {
  const secret = 'secret: a-secret-for-tests'
  const audit = (...lines: string[]) =>
    configOf(`${board}audit:\n  checkpoints:\n${lines.map((line) => `    ${line}\n`).join('')}`)
  const syslogOf = (url: string) =>
    audit(`syslog: [{ name: siem, url: "${url}" }]`).config().checkpoints.syslog[0]

  it('are none besides the file, unless they are named', () => {
    expect(configOf(board).config().checkpoints).toEqual({ webhooks: [], syslog: [] })
    expect(audit('webhooks: []').config().checkpoints).toEqual({ webhooks: [], syslog: [] })
  })

  it('are webhooks, read as those that are told of events', () => {
    const good = `webhooks: [{ name: notary, url: "https://notary.example/a", ${secret} }]`
    expect(audit(good).config().checkpoints.webhooks).toEqual([
      {
        name: 'notary',
        url: new URL('https://notary.example/a'),
        secret: 'a-secret-for-tests',
      },
    ])
    const wrong = [
      `webhooks: [{ name: notary, url: "http://notary.example", ${secret} }]`,
      'webhooks: [{ name: notary, url: "https://notary.example" }]',
      `webhooks: [{ name: notary, url: "https://notary.example", ${secret}, events: ["queue.*"] }]`,
    ]
    for (const line of wrong) {
      expect(audit(line).config, line).toThrow(startError('PINLAB_START_CONFIG'))
    }
  })

  it('are syslog servers, by UDP or TCP', () => {
    const siem = { name: 'siem', transport: 'udp', host: 'logs.example', port: 514 }
    expect(syslogOf('udp://logs.example')).toEqual(siem)
    expect(syslogOf('udp://logs.example:5514/')).toEqual({ ...siem, port: 5514 })
    expect(syslogOf('tcp://logs.example')).toEqual({ ...siem, transport: 'tcp', port: 601 })
    expect(syslogOf('tcp://[fd00::1]:601')).toMatchObject({ host: 'fd00::1', port: 601 })
    for (const url of [
      'logs.example',
      'tls://logs.example',
      'udp://',
      'udp://a:0',
      'tcp://a:65536',
      'udp://a/b',
    ]) {
      expect(() => syslogOf(url), url).toThrow(startError('PINLAB_START_CONFIG'))
    }
  })

  it('are at most four of a kind, no two of one name, and none is called file', () => {
    const servers = (...names: string[]) =>
      audit(`syslog: [${names.map((name) => `{ name: ${name}, url: "udp://a" }`).join(', ')}]`)
        .config
    expect(servers('a', 'b', 'c', 'd')().checkpoints.syslog).toHaveLength(4)
    for (const names of [['a', 'b', 'c', 'd', 'e'], ['a', 'a'], ['file']]) {
      expect(servers(...names), names.join()).toThrow(startError('PINLAB_START_CONFIG'))
    }
    const both = audit(
      'syslog: [{ name: a, url: "udp://a" }]',
      `webhooks: [{ name: a, url: "https://a.example", ${secret} }]`,
    )
    expect(both.config).toThrow(startError('PINLAB_START_CONFIG'))
  })
})
