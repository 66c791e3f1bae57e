import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameFlags } from '../../../server/contract/frame.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { LiveLab } from '../../support/live-lab.ts'

let lab: LiveLab
beforeEach(async () => {
  lab = await LiveLab.open()
})
afterEach(() => lab.close())

const bytesView = (id: number, session: string, byteLength = 256) => ({
  op: 'view',
  id,
  session,
  kind: 'bytes',
  offset: 0,
  byteLength,
})

async function open(client: LiveClient, view: { id: number }): Promise<number> {
  client.send(view)
  return (await client.message('opened', view.id)).stream
}

describe('a view', () => {
  it('is answered with its stream and a first full frame at once', async () => {
    lab.host.sampleRate = 1_000_000
    const session = lab.lock(256, 7)
    const client = await lab.connect()
    client.send(bytesView(2, session))
    const opened = await client.message('opened', 2)
    expect(opened).toMatchObject({
      kind: 'bytes',
      maxFps: 30,
      columns: 1024,
      sampleRate: 1_000_000,
    })
    const frame = await client.frame()
    expect(frame).toMatchObject({ kind: 'bytes', stream: opened.stream, flags: 0, byteLength: 256 })
    expect(frame.payload).toEqual(Buffer.alloc(256, 7))
  })

  it('shows changes at its rate, each with the next seq', async () => {
    const session = lab.lock(256, 1)
    const client = await lab.connect()
    const stream = await open(client, bytesView(1, session))
    const first = await client.frame()
    client.ack(stream, first.seq)
    lab.fill(session, 2)
    await client.settled()
    expect(client.frames).toHaveLength(1)
    await lab.beat()
    const second = await client.frame()
    expect(second.payload[0]).toBe(2)
    expect(second.seq).toBe(first.seq + 1)
  })

  it('carries the torn flag, and a frame follows when it is no longer torn', async () => {
    const session = lab.lock(256)
    lab.host.torn = true
    const client = await lab.connect()
    const stream = await open(client, bytesView(1, session))
    const first = await client.frame()
    expect(first.flags).toBe(frameFlags.torn)
    client.ack(stream, first.seq)
    await client.settled()
    lab.host.torn = false
    await lab.beat()
    expect((await client.frame()).flags).toBe(frameFlags.unchanged)
  })

  it('ends at once when its client closes it, and the host view with it', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    await open(client, bytesView(1, session))
    client.send({ op: 'close', id: 1 })
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'closed-by-client' })
    await client.settled()
    expect(lab.host.closed).toEqual([1])
    expect(lab.timers.pending).toBe(1)
    client.send(bytesView(1, session))
    await client.frame()
    await client.settled()
    expect(client.messages.filter(({ op }) => op === 'opened')).toHaveLength(2)
  })

  it('that is closed while it is opened leaves nothing open', async () => {
    let open = () => {}
    lab.host.gate = new Promise((resolve) => {
      open = resolve
    })
    const client = await lab.connect()
    client.send(bytesView(1, lab.lock(256)))
    client.send({ op: 'close', id: 1 })
    await client.message('closed', 1)
    open()
    await client.settled()
    expect(client.messages.some(({ op }) => op === 'opened')).toBe(false)
    expect(lab.host.opened).toHaveLength(1)
    expect(lab.host.closed).toEqual([1])
  })

  it('whose host fails says so, and frees its number', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    lab.host.failure = new Error('no')
    client.send(bytesView(1, session))
    expect(await client.codeOf(1)).toBe('PINLAB_SERVER_INTERNAL')
    lab.host.failure = null
    await open(client, bytesView(1, session))
  })

  it('that can no longer be read ends; the others go on', async () => {
    const [one, two] = [lab.lock(256), lab.lock(128)]
    const client = await lab.connect()
    await open(client, bytesView(1, one))
    const stream = await open(client, bytesView(2, two, 128))
    await client.settled()
    lab.host.broken = one
    lab.fill(two, 9)
    await lab.beat()
    expect(await client.message('closed', 1)).toBeDefined()
    await client.settled()
    const newest = client.frames.findLast((frame) => frame.stream === stream)
    expect(newest?.payload).toEqual(Buffer.alloc(128, 9))
    expect(lab.host.closed).toEqual([1])
  })
})

describe('equal views', () => {
  it('share one stream, one read and the same seq', async () => {
    const session = lab.lock(256, 1)
    const clients = await Promise.all([lab.connect(), lab.connect(), lab.connect()])
    const streams = await Promise.all(clients.map((client) => open(client, bytesView(1, session))))
    expect(new Set(streams).size).toBe(1)
    for (const client of clients) client.ack(streams[0] ?? 0, (await client.frame()).seq)
    await Promise.all(clients.map((client) => client.settled()))
    expect(lab.host.opened).toHaveLength(1)
    const before = lab.host.reads
    lab.fill(session, 2)
    await lab.beat()
    const frames = await Promise.all(clients.map((client) => client.frame()))
    expect(lab.host.reads).toBe(before + 1)
    expect(new Set(frames.map(({ seq }) => seq)).size).toBe(1)
    expect(frames.map(({ payload }) => payload[0])).toEqual([2, 2, 2])
  })

  it('share after rounding; the host sees what was rounded to', async () => {
    const session = lab.lock(4096)
    const client = await lab.connect()
    const wave = { op: 'view', session, kind: 'wave', byteLength: 4096 }
    const a = await open(client, { ...wave, id: 1, columns: 300, maxFps: 20 } as never)
    const b = await open(client, { ...wave, id: 2, columns: 512, maxFps: 30 } as never)
    expect(a).toBe(b)
    expect(lab.host.opened).toMatchObject([{ columns: 512, format: 'i16le', stride: 2 }])
    expect(await client.message('opened', 1)).toMatchObject({ columns: 512, maxFps: 30 })
  })

  it('live until the last viewer leaves', async () => {
    const session = lab.lock(256)
    const [one, two] = [await lab.connect(), await lab.connect()]
    await open(one, bytesView(1, session))
    await open(two, bytesView(1, session))
    one.socket.terminate()
    await expect.poll(() => lab.stats.connections).toBe(1)
    expect(lab.host.closed).toEqual([])
    two.send({ op: 'close', id: 1 })
    await two.settled()
    expect(lab.host.closed).toEqual([1])
  })

  it('of one socket are one delivery; the second gets a full frame although nothing changed', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    const stream = await open(client, bytesView(1, session))
    await client.frame()
    expect(await open(client, bytesView(2, session))).toBe(stream)
    const again = await client.frame()
    expect(again.flags).toBe(0)
    expect(again.payload).toHaveLength(256)
    client.send({ op: 'close', id: 1 })
    await client.settled()
    expect(lab.host.closed).toEqual([])
    expect(client.frames).toHaveLength(2)
  })

  it.each([
    ['window', { offset: 16 }],
    ['length', { byteLength: 64 }],
    ['follow', { follow: false }],
    ['rate', { maxFps: 60 }],
    ['kind', { kind: 'wave' }],
  ])('that differ in %s do not share', async (_, difference) => {
    const session = lab.lock(256)
    const client = await lab.connect()
    const one = await open(client, bytesView(1, session, 128))
    const two = await open(client, { ...bytesView(2, session, 128), ...difference })
    expect(one).not.toBe(two)
    expect(lab.host.opened).toHaveLength(2)
  })
})

describe('when the lock is gone', () => {
  it('a viewer that has the newest frame gets a last one without payload, then the end', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    const stream = await open(client, bytesView(1, session))
    const first = await client.frame()
    client.ack(stream, first.seq)
    await client.settled()
    lab.unlock(session)
    await lab.beat()
    const last = await client.frame()
    expect(last.flags).toBe(frameFlags.last | frameFlags.unchanged)
    expect(last.seq).toBe(first.seq + 1)
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'session-ended' })
    expect(lab.host.closed).toEqual([1])
  })

  it('a viewer without room gets the last frame, in full, as soon as it has room', async () => {
    const session = lab.lock(256, 1)
    const client = await lab.connect()
    const stream = await open(client, bytesView(1, session))
    await client.frame()
    lab.fill(session, 2)
    await lab.beat()
    await client.frame()
    const fast = await lab.connect()
    await open(fast, bytesView(1, session))
    await fast.frame()
    lab.fill(session, 3)
    await lab.beat()
    await fast.frame()
    lab.unlock(session)
    lab.boardChanged('sim0')
    await client.settled()
    expect(client.frames).toHaveLength(2)
    expect(client.messages.some(({ op }) => op === 'closed')).toBe(false)
    client.ack(stream, client.frames[0]?.seq ?? 0)
    const last = await client.frame()
    expect(last.flags).toBe(frameFlags.last)
    expect(last.payload[0]).toBe(3)
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'session-ended' })
  })

  it('the board event ends the views without waiting for the next frame', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    await open(client, { ...bytesView(1, session), maxFps: 1 } as never)
    await client.frame()
    lab.unlock(session)
    lab.boardChanged('sim0')
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'session-ended' })
  })

  it('a new view of an equal window is a new stream', async () => {
    const session = lab.lock(256)
    const client = await lab.connect()
    const before = await open(client, bytesView(1, session))
    lab.unlock(session)
    lab.boardChanged('sim0')
    await client.message('closed', 1)
    lab.sessions.set(session, { board: 'sim0', byteLength: 256, state: 'locked' })
    lab.fill(session, 1)
    expect(await open(client, bytesView(2, session))).not.toBe(before)
  })
})
