import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameFlags } from '../../../server/contract/frame.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { LiveLab } from '../../support/live-lab.ts'

let lab: LiveLab
let session: string
beforeEach(async () => {
  lab = await LiveLab.open()
  session = lab.lock(256, 0)
})
afterEach(() => lab.close())

async function view(client: LiveClient, id = 1, byteLength = 256, of = session): Promise<number> {
  client.send({ op: 'view', id, session: of, kind: 'bytes', byteLength })
  return (await client.message('opened', id)).stream
}

/** One more frame, whose bytes are all `value`. */
async function show(value: number): Promise<void> {
  lab.fill(session, value)
  await lab.beat()
}

/** Acknowledges each frame; waits until the server knows. */
async function keepUp(client: LiveClient, stream: number): Promise<void> {
  const frame = await client.frame()
  client.ack(stream, frame.seq)
  await client.settled()
}

const values = (client: LiveClient) => client.frames.map(({ payload }) => payload[0])

describe('a viewer that does not acknowledge', () => {
  it('has two frames in flight, and then the newest at once, never an older one', async () => {
    const [slow, fast] = [await lab.connect(), await lab.connect()]
    const stream = await view(slow)
    await view(fast)
    await slow.frame()
    await keepUp(fast, stream)
    for (const value of [1, 2, 3, 4]) {
      await show(value)
      await keepUp(fast, stream)
    }
    await slow.settled()
    expect(values(slow)).toEqual([0, 1])
    slow.ack(stream, slow.frames[0]?.seq ?? 0)
    await slow.settled()
    expect(values(slow)).toEqual([0, 1, 4])
    expect(slow.frames[2]?.seq).toBe(fast.frames[4]?.seq)
    expect(values(fast)).toEqual([0, 1, 2, 3, 4])
    expect(lab.stats.framesSkipped).toBe(2)
  })

  it('does not make the server read while nobody has room', async () => {
    const client = await lab.connect()
    const stream = await view(client)
    await client.frame()
    await show(1)
    const { reads } = lab.host
    for (const value of [2, 3, 4]) await show(value)
    expect(lab.host.reads).toBe(reads)
    client.ack(stream, client.frames.at(-1)?.seq ?? 0)
    await client.settled()
    await lab.beat()
    await client.settled()
    expect(values(client)).toEqual([0, 1, 4])
  })

  it('is told of an overrun that a skipped frame carried; others are told once', async () => {
    const [slow, fast] = [await lab.connect(), await lab.connect()]
    const stream = await view(slow)
    await view(fast)
    await keepUp(fast, stream)
    for (const value of [1, 2, 3]) {
      lab.host.overrun = value === 2
      await show(value)
      await keepUp(fast, stream)
    }
    slow.ack(stream, slow.frames[1]?.seq ?? 0)
    await slow.settled()
    const overruns = ({ frames }: LiveClient) =>
      frames.map(({ flags }) => flags & frameFlags.overrun)
    expect(values(slow)).toEqual([0, 1, 3])
    expect(overruns(slow)).toEqual([0, 0, frameFlags.overrun])
    expect(overruns(fast)).toEqual([0, 0, frameFlags.overrun, 0])
    await show(4)
    await slow.settled()
    expect(overruns(slow)).toEqual([0, 0, frameFlags.overrun, 0])
  })

  it('gets a full frame after a skip even where the stream says unchanged', async () => {
    const [slow, fast] = [await lab.connect(), await lab.connect()]
    const stream = await view(slow)
    await view(fast)
    await keepUp(fast, stream)
    for (const value of [1, 2]) {
      await show(value)
      await keepUp(fast, stream)
    }
    await lab.timers.advance(1100)
    await fast.settled()
    expect(fast.frames.at(-1)?.flags).toBe(frameFlags.unchanged)
    slow.ack(stream, slow.frames[1]?.seq ?? 0)
    await slow.settled()
    expect(slow.frames[2]?.flags).toBe(0)
    expect(values(slow)).toEqual([0, 1, 2])
  })

  it('of 4 MiB is sent no more on the socket, and a long frame is not overtaken for ever', async () => {
    const mebibyte = 1024 * 1024
    const long = Array.from({ length: 4 }, () => lab.lock(mebibyte, 1))
    const client = await lab.connect()
    const streams: number[] = []
    for (const [index, of] of long.entries()) {
      streams.push(await view(client, index + 1, mebibyte, of))
    }
    await client.settled()
    expect(client.frames).toHaveLength(3)
    const short = await view(client, 9)
    await client.settled()
    expect(client.frames.some(({ stream }) => stream === short)).toBe(false)
    client.ack(streams[0] ?? 0, client.frames[0]?.seq ?? 0)
    await client.settled()
    expect(client.frames.slice(3).map(({ stream }) => stream)).toEqual([streams[3], short])
  })
})

describe('acks', () => {
  it('are cumulative', async () => {
    const client = await lab.connect()
    const stream = await view(client)
    await show(1)
    await client.settled()
    client.ack(stream, client.frames[1]?.seq ?? 0)
    await client.settled()
    await show(2)
    await show(3)
    await client.settled()
    expect(values(client)).toEqual([0, 1, 2, 3])
  })

  it('of unknown streams, and of frames that were not sent, are ignored', async () => {
    const client = await lab.connect()
    const stream = await view(client)
    await show(1)
    await client.settled()
    client.ack(stream + 1, client.frames[1]?.seq ?? 0)
    client.ack(stream, (client.frames[1]?.seq ?? 0) + 1)
    client.ack(stream, 0)
    await client.settled()
    await show(2)
    await client.settled()
    expect(values(client)).toEqual([0, 1])
    const problems = client.messages.filter((message) => message.op === 'error')
    expect(new Set(problems.map(({ problem }) => problem.code))).toEqual(
      new Set(['PINLAB_BOARD_UNKNOWN']),
    )
  })

  it('that never come for a long frame hold up the short ones only while it waits', async () => {
    const mebibyte = 1024 * 1024
    const client = await lab.connect()
    const locks = Array.from({ length: 4 }, () => lab.lock(mebibyte, 1))
    for (const [index, of] of locks.entries()) await view(client, index + 1, mebibyte, of)
    await client.settled()
    const short = await view(client, 9)
    await client.settled()
    expect(client.frames).toHaveLength(3)
    client.send({ op: 'close', id: 4 })
    await client.settled()
    expect(client.frames.slice(3).map(({ stream }) => stream)).toEqual([short])
  })

  it('of a closed view give its bytes back to the socket', async () => {
    const mebibyte = 1024 * 1024
    const client = await lab.connect()
    const locks = Array.from({ length: 4 }, () => lab.lock(mebibyte, 1))
    for (const [index, of] of locks.entries()) await view(client, index + 1, mebibyte, of)
    await client.settled()
    expect(client.frames).toHaveLength(3)
    client.send({ op: 'close', id: 1 })
    await client.settled()
    expect(client.frames).toHaveLength(4)
  })
})

describe('content that does not change', () => {
  it('is said once a second, without payload', async () => {
    const client = await lab.connect()
    const stream = await view(client)
    await keepUp(client, stream)
    for (let beat = 0; beat < 29; beat += 1) await lab.beat()
    await client.settled()
    expect(client.frames).toHaveLength(1)
    await lab.beat()
    const unchanged = await client.frame()
    expect(unchanged.flags).toBe(frameFlags.unchanged)
    expect(unchanged.payload).toHaveLength(0)
    expect(unchanged.seq).toBe((client.frames[0]?.seq ?? 0) + 1)
  })

  it('is shown in full to a viewer that comes later', async () => {
    const first = await lab.connect()
    const stream = await view(first)
    await keepUp(first, stream)
    for (let second = 0; second < 3; second += 1) {
      await lab.timers.advance(1100)
      await keepUp(first, stream)
    }
    const later = await lab.connect()
    await view(later)
    const frame = await later.frame()
    expect(frame.flags).toBe(0)
    expect(frame.payload).toHaveLength(256)
  })

  it('still lets an overrun through at once', async () => {
    const client = await lab.connect()
    const stream = await view(client)
    await keepUp(client, stream)
    lab.host.overrun = true
    await lab.beat()
    expect((await client.frame()).flags & frameFlags.overrun).toBe(frameFlags.overrun)
  })
})

it('a read that takes longer than a period is not overtaken by a second one', async () => {
  const client = await lab.connect()
  const stream = await view(client)
  await keepUp(client, stream)
  let open = () => {}
  lab.host.gate = new Promise((resolve) => {
    open = resolve
  })
  const { reads } = lab.host
  await show(1)
  await show(2)
  expect(lab.host.reads).toBe(reads + 1)
  open()
  await client.settled()
  expect(values(client)).toEqual([0, 2])
})
