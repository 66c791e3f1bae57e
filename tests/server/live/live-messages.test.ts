import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { liveSubprotocol } from '../../../server/contract/frame.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { LiveLab } from '../../support/live-lab.ts'

let lab: LiveLab
let client: LiveClient
beforeEach(async () => {
  lab = await LiveLab.open()
  client = await lab.connect()
})
afterEach(() => lab.close())

const view = (id: number, session: string) => ({
  op: 'view',
  id,
  session,
  kind: 'bytes',
  byteLength: 16,
})
const isAlive = async () => {
  await client.settled()
  return client.closed === null
}

describe('a connection', () => {
  it('is greeted with the epoch and the limits', async () => {
    expect(await client.message('hello')).toEqual({
      op: 'hello',
      epoch: 'epoch-1',
      serverTime: '2027-01-11T00:00:00.000Z',
      build: 'test',
      limits: {
        views: 16,
        bytesInFlight: 4_194_304,
        framesInFlight: 2,
        maxViewByteLength: {
          bytes: 1_048_576,
          wave: 16_777_216,
          pages: 67_108_864,
          spectrum: 16_777_216,
          statistics: 16_777_216,
        },
      },
    })
  })

  it('is refused without the subprotocol', async () => {
    const statusOf = (protocols: string[]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(lab.url, protocols)
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
        socket.on('open', () => resolve(socket.protocol))
        socket.on('error', () => {})
      })
    expect(await statusOf([])).toBe(400)
    expect(await statusOf(['something.else'])).toBe(400)
    expect(await statusOf(['something.else', liveSubprotocol])).toBe(liveSubprotocol)
  })

  it('is counted while it is open, and so are its views', async () => {
    client.send(view(1, lab.lock(16)))
    await client.frame()
    expect(lab.stats).toMatchObject({ connections: 1, views: 1, framesSent: 1, bytesSent: 64 })
    client.socket.close()
    await expect.poll(() => lab.stats).toMatchObject({ connections: 0, views: 0 })
    expect(lab.host.closed).toEqual([1])
    expect(lab.timers.pending).toBe(0)
  })

  it('is told when a message is too long, and closed', async () => {
    client.socket.send(' '.repeat(64 * 1024 + 1))
    expect((await client.end()).code).toBe(1009)
  })
})

describe('a message that cannot be read', () => {
  it.each([
    ['not JSON', '{"op":'],
    ['no object', '[]'],
    ['no object either', 'null'],
    ['no op', '{"id":"1"}'],
    ['an unknown op', '{"op":"toString","id":0}'],
  ])('%s is refused and the socket stays open', async (_, text) => {
    client.socket.send(text)
    expect(await client.codeOf(0)).toBe('PINLAB_LIVE_MESSAGE_INVALID')
    expect(await isAlive()).toBe(true)
  })

  it('binary is refused, even if it holds a message', async () => {
    client.socket.send(Buffer.from(JSON.stringify({ op: 'watch', id: 1, board: 'sim0' })))
    expect(await client.codeOf(0)).toBe('PINLAB_LIVE_MESSAGE_INVALID')
    expect(await isAlive()).toBe(true)
  })

  it.each([
    { op: 'view', id: 5, session: 'x', kind: 'bytes', byteLength: 1 },
    { op: 'watch', id: 5, board: '../etc' },
    { op: 'watch', id: 5, board: 'sim0', more: 1 },
    { op: 'close', id: 5, all: true },
    { op: 'ack', id: 5, acks: [] },
  ])('%j is refused under its number', async (message) => {
    client.send(message)
    const { problem } = await client.message('error', 5)
    expect(problem).toMatchObject({ code: 'PINLAB_LIVE_MESSAGE_INVALID', status: 400 })
    expect(problem.requestId).not.toBe('')
  })

  it('is forgiven 99 times', async () => {
    for (let count = 0; count < 99; count += 1) client.socket.send('?')
    expect(await isAlive()).toBe(true)
    client.socket.send('?')
    expect((await client.end()).code).toBe(1008)
  })
})

describe('what is refused', () => {
  it.each([
    ['PINLAB_SESSION_UNKNOWN', {}],
    ['PINLAB_LIVE_MESSAGE_INVALID', { trigger: null }],
    ['PINLAB_LIVE_MESSAGE_INVALID', { trigger: { level: 1, holdOff: 1e6 } }],
    // What is left out has its default; else this would not be read either.
    ['PINLAB_LIVE_TRIGGER_INVALID', { trigger: { level: 1 } }],
  ])('%s: %j', async (code, changes) => {
    client.send({ ...view(3, '0b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f10'), ...changes })
    expect(await client.codeOf(3)).toBe(code)
    expect(lab.stats.views).toBe(0)
    expect(await isAlive()).toBe(true)
  })

  it('a session that is not locked, and a window beyond the lock', async () => {
    const session = lab.lock(16)
    client.send({ ...view(1, session), offset: 1 })
    expect(await client.codeOf(1)).toBe('PINLAB_LIVE_OUT_OF_RANGE')
    lab.unlock(session)
    client.send(view(2, session))
    expect(await client.codeOf(2)).toBe('PINLAB_SESSION_NOT_LOCKED')
  })

  it('a number that is in use, by a view or a watch, open or opening', async () => {
    const session = lab.lock(16)
    client.send(view(1, session))
    client.send({ op: 'watch', id: 1, board: 'sim0' })
    expect(await client.codeOf(1)).toBe('PINLAB_LIVE_ID_IN_USE')
    client.send({ op: 'watch', id: 2, board: 'sim0' })
    client.send(view(2, session))
    expect(await client.codeOf(2)).toBe('PINLAB_LIVE_ID_IN_USE')
    expect(await client.message('opened', 1)).toBeDefined()
    expect(await client.message('watching', 2)).toBeDefined()
  })

  it('the 17th view, until one is closed', async () => {
    const session = lab.lock(64)
    for (let id = 1; id <= 17; id += 1) client.send({ ...view(id, session), offset: id })
    expect(await client.codeOf(17)).toBe('PINLAB_LIVE_VIEW_LIMIT')
    expect(lab.stats.views).toBe(16)
    client.send({ op: 'close', id: 4 })
    client.send({ ...view(18, session), offset: 20 })
    expect(await client.message('opened', 18)).toBeDefined()
  })

  it('nothing, where a number is closed that names nothing', async () => {
    client.send({ op: 'close', id: 77 })
    await client.settled()
    expect(client.messages.some((message) => 'id' in message && message.id === 77)).toBe(false)
  })
})
