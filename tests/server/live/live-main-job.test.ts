// The live protocol on a whole server and a simulated board.

import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { frameFlags } from '../../../server/contract/frame.ts'
import { LiveClient } from '../../support/live-client.ts'
import { openLab, recordingData, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024

async function connect(lab: TestLab): Promise<LiveClient> {
  await lab.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = lab.app.server.address() as AddressInfo
  return LiveClient.connect(`ws://127.0.0.1:${port}/api/v1/live`, lab.person)
}

/** Acknowledges as they come, until `enough`. */
async function follow(client: LiveClient, stream: number, enough: () => boolean): Promise<void> {
  while (!enough()) client.ack(stream, (await client.frame()).seq)
}

describe('the main job, live', { timeout: 30_000 }, () => {
  it('shows a ring as it fills, in whole blocks of the recording, and its end', async () => {
    const lab = await openLab()
    const client = await connect(lab)
    client.send({ op: 'watch', id: 1, board: 'sim0' })
    await client.message('event', 1)
    await lab.take()
    await lab.playRecording(1_000_000)
    const block = 16 * KiB
    const { id: session } = await lab.lock({ byteLength: 256 * KiB })
    client.send({ op: 'view', id: 2, session, kind: 'bytes', byteLength: block, maxFps: 60 })
    const { stream } = await client.message('opened', 2)
    await lab.start(session, { mode: 'cyclic', byteLength: 256 * KiB, blockByteLength: block })
    const moments = () => new Set(client.frames.map(({ bytesCompleted }) => bytesCompleted))
    await follow(client, stream, () => moments().size > 5)
    await lab.post(`/dma-sessions/${session}/transfers/1/stop`)
    await lab.post(`/dma-sessions/${session}/unlock`)
    await follow(client, stream, () => client.frames.some(({ flags }) => flags & frameFlags.last))

    expect(await client.message('closed', 2)).toMatchObject({ reason: 'session-ended' })
    const wav = recordingData()
    const played = Buffer.concat([wav, wav])
    const whole = client.frames.filter(
      ({ flags, bytesCompleted, payload }) =>
        !(flags & frameFlags.torn) && bytesCompleted >= block && payload.byteLength === block,
    )
    expect(whole.length).toBeGreaterThan(3)
    for (const { payload } of whole) expect(played.includes(payload)).toBe(true)
    const events = client.events(1)
    expect(events.some((event) => event.type === 'transfer')).toBe(true)
    expect(events.findLast((event) => event.type === 'board')).toMatchObject({
      status: { state: 'leased', sessions: [] },
    })
  })

  it('draws a wave with its sample rate, and says goodbye when the server stops', async () => {
    const lab = await openLab()
    const client = await connect(lab)
    await lab.take()
    await lab.playRecording()
    const { id: session } = await lab.lock({ byteLength: 64 * KiB })
    await lab.start(session, { byteLength: 64 * KiB })
    await lab.get(`/dma-sessions/${session}/transfers/1?waitSeconds=30`)
    const shape = { format: 'i16le', channels: 2, columns: 300 }
    client.send({ op: 'view', id: 1, session, kind: 'wave', byteLength: 64 * KiB, ...shape })
    expect(await client.message('opened', 1)).toMatchObject({
      columns: 512,
      sampleRate: expect.any(Number),
    })
    const { payload } = await client.frame()
    expect(payload).toHaveLength(2 * 512 * 16)
    const [first, min, max] = [0, 4, 8].map((at) => payload.readFloatLE(at)) as [
      number,
      number,
      number,
    ]
    expect(first).toBe(recordingData().readInt16LE(0))
    expect(min).toBeLessThanOrEqual(first)
    expect(max).toBeGreaterThanOrEqual(first)
    await lab.app.close()
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'server-stopping' })
    expect((await client.end()).code).toBe(1001)
  })

  it('finds the tone of the ADC in the spectrum of each channel', async () => {
    const lab = await openLab()
    const client = await connect(lab)
    await lab.take()
    const [rate, tone] = [1_024_000, 64_000]
    const write = (register: string, value: number) => ({
      ...{ op: 'write', register, value: `0x${value.toString(16)}` },
    })
    const operations = [
      write('ADC_RATE', rate),
      write('FREQUENCY', tone * 1000),
      write('ADC_CTRL', 0),
    ]
    expect((await lab.post('/boards/sim0/register-operations', { operations })).status).toBe(200)
    const { id: session } = await lab.lock({ byteLength: 64 * KiB })
    await lab.start(session, { byteLength: 64 * KiB })
    await lab.get(`/dma-sessions/${session}/transfers/1?waitSeconds=30`)
    const samples = 4096
    const window = { kind: 'spectrum', byteLength: samples * 4 + 100, format: 'i16le', channels: 2 }
    client.send({ op: 'view', id: 1, session, ...window })
    const columns = samples / 2 + 1
    expect(await client.message('opened', 1)).toMatchObject({ kind: 'spectrum', columns })
    const { payload } = await client.frame()
    expect(payload).toHaveLength(2 * columns * 4)
    for (const channel of [0, 1]) {
      const level = (bin: number) => payload.readFloatLE((channel * columns + bin) * 4)
      const bins = Array.from({ length: columns }, (_, bin) => bin)
      const strongest = bins.reduce((best, bin) => (level(bin) > level(best) ? bin : best))
      expect((strongest * rate) / samples).toBe(tone)
    }
  })

  it('measures every sample of a window, and no other', async () => {
    const lab = await openLab()
    const client = await connect(lab)
    await lab.take()
    const { id: session } = await lab.lock({ byteLength: 64 * KiB })
    await lab.post(`/dma-sessions/${session}/fill`, { pattern: 'counter' })
    // As pairs of 32 bits: even numbers in one channel, odd ones in the other.
    const window = { offset: 80, byteLength: 40, format: 'u32le', channels: 2 }
    client.send({ op: 'view', id: 1, session, kind: 'statistics', ...window })
    expect(await client.message('opened', 1)).toMatchObject({ kind: 'statistics', maxFps: 5 })
    const { payload } = await client.frame()
    const figures = Array.from({ length: 10 }, (_, i) => payload.readDoubleLE(i * 8))
    const rms = (first: number) =>
      Math.sqrt([0, 2, 4, 6, 8].reduce((sum, step) => sum + (first + step) ** 2, 0) / 5)
    expect(figures).toEqual([5, 20, 28, 24, rms(20), 5, 21, 29, 25, rms(21)])
  })
})
