import { describe, expect, it } from 'vitest'
import type { DmaSession, DmaSessionSummary, Transfer } from '../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { lockedKiB, openLab, recordingData } from '../support/test-lab.ts'

const KiB = 1024

describe('the main job', () => {
  it('plays the recording into a lock, whole and in order', async () => {
    const lab = await openLab()
    const wav = recordingData()
    await lab.take()
    await lab.playRecording()
    const session = await lab.lock({ byteLength: wav.byteLength })
    expect(session).toMatchObject({ state: 'locked', addressKind: 'iova', direction: 'fromDevice' })
    expect(session.pageCount).toBeGreaterThan(20)
    expect(session.pages.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(wav.byteLength)

    const started = await lab.start(session.id, { byteLength: wav.byteLength })
    const { body: done } = await lab.get<Transfer>(
      `/dma-sessions/${session.id}/transfers/${started.n}?waitSeconds=30`,
    )
    expect(done).toMatchObject({
      state: 'done',
      bytesCompleted: wav.byteLength,
      failure: null,
      overruns: 0,
    })

    const { bytes } = await lab.get(`/dma-sessions/${session.id}/data`)
    expect(bytes.equals(wav)).toBe(true)
  })

  it('streams in a ring until it is stopped; the last block is the recording at its place', async () => {
    const lab = await openLab()
    const wav = recordingData()
    const block = 16 * KiB
    await lab.take()
    await lab.playRecording(4_000_000)
    const session = await lab.lock({ byteLength: 256 * KiB })
    const { n } = await lab.start(session.id, {
      mode: 'cyclic',
      byteLength: 256 * KiB,
      blockByteLength: block,
    })
    await expect
      .poll(
        async () =>
          (await lab.get<Transfer>(`/dma-sessions/${session.id}/transfers/${n}`)).body
            .blocksCompleted,
        {
          timeout: 20_000,
        },
      )
      .toBeGreaterThan(20)
    const { body: stopped } = await lab.post<Transfer>(
      `/dma-sessions/${session.id}/transfers/${n}/stop`,
    )
    expect(stopped.state).toBe('stopped')
    expect(stopped.bytesCompleted).toBe(stopped.blocksCompleted * block)

    const last = stopped.bytesCompleted - block
    const { bytes } = await lab.get(`/dma-sessions/${session.id}/data`, {
      range: `bytes=${last % (256 * KiB)}-${(last % (256 * KiB)) + block - 1}`,
    })
    const from = last % wav.byteLength
    expect(bytes.equals(Buffer.concat([wav, wav]).subarray(from, from + block))).toBe(true)
  })

  it('carries bytes to the card and back', async () => {
    const lab = await openLab()
    await lab.take()
    const session = await lab.lock({
      byteLength: 256 * KiB,
      direction: 'toFromDevice',
      kind: 'contiguous',
      options: [],
      maxPages: undefined,
    })
    expect(session).toMatchObject({
      pageCount: 1,
      options: expect.arrayContaining(['KERNEL_BUFFER_ALLOC']),
    })
    const data = `/dma-sessions/${session.id}/data`
    await lab.post(`/dma-sessions/${session.id}/fill`, { pattern: 'prbs31', seed: 7 })
    const pattern = (await lab.get(data)).bytes
    for (const channel of ['h2c0', 'c2h0']) {
      const { n } = await lab.start(session.id, {
        channel,
        byteLength: 256 * KiB,
        deviceAddress: '0x10000',
      })
      const { body } = await lab.get<Transfer>(
        `/dma-sessions/${session.id}/transfers/${n}?waitSeconds=30`,
      )
      expect(body).toMatchObject({ state: 'done', bytesCompleted: 256 * KiB })
      if (channel === 'h2c0')
        await lab.post(`/dma-sessions/${session.id}/fill`, { pattern: 'zero' })
    }
    expect(new Set(pattern).size).toBeGreaterThan(100)
    expect((await lab.get(data)).bytes.equals(pattern)).toBe(true)
  })

  it('tells that the board lost data, and of that of its own run only', async () => {
    const lab = await openLab()
    await lab.take()
    const session = await lab.lock({ byteLength: 256 * KiB })
    const cyclic = { mode: 'cyclic', byteLength: 256 * KiB, blockByteLength: 64 * KiB }
    const url = `/dma-sessions/${session.id}/transfers`
    await lab.playRecording(0xffff_ffff)
    const { n } = await lab.start(session.id, cyclic)
    const overruns = async () => (await lab.get<Transfer>(`${url}/${n}`)).body.overruns
    await expect.poll(overruns, { timeout: 20_000 }).toBeGreaterThan(0)
    await lab.post(`${url}/${n}/stop`)

    await lab.playRecording(0)
    const once = await lab.start(session.id, { byteLength: 256 * KiB })
    const { body } = await lab.get<Transfer>(`${url}/${once.n}?waitSeconds=30`)
    expect(body).toMatchObject({ state: 'done', overruns: 0 })
  })

  it('keeps the record: the session with its transfers, and the log with intents before outcomes', async () => {
    const lab = await openLab()
    const lease = await lab.take()
    await lab.playRecording()
    const session = await lab.lock({ label: 'run 7' })
    const { n } = await lab.start(session.id, { byteLength: 64 * KiB })
    await lab.get(`/dma-sessions/${session.id}/transfers/${n}?waitSeconds=30`)
    const { body: ended } = await lab.post<DmaSession>(`/dma-sessions/${session.id}/unlock`)
    expect(ended).toMatchObject({
      state: 'ended',
      endReason: 'unlocked',
      lease: lease.id,
      owner: lab.person.id,
      label: 'run 7',
      transferCount: 1,
    })
    expect(ended.transfers[0]).toMatchObject({
      n: 1,
      state: 'done',
      channel: 'c2h1',
      bytesCompleted: 64 * KiB,
    })

    const { body: list } = await lab.get<{ items: DmaSessionSummary[] }>(
      '/dma-sessions?board=sim0&state=ended',
    )
    expect(list.items.map(({ id }) => id)).toEqual([session.id])
    const log = await lab.database.reader.auditEvent.findMany({
      where: { session: session.id },
      orderBy: { seq: 'asc' },
    })
    expect(log.map(({ type }) => type)).toEqual([
      'dma.lock.requested',
      'dma.lock.granted',
      'dma.transfer.requested',
      'dma.transfer.ended',
      'dma.lock.ended',
    ])
  })

  it('shows the board with its lease, locks and what is locked', async () => {
    const lab = await openLab()
    await lab.take()
    const session = await lab.lock()
    const { body } = await lab.get<BoardDetail>('/boards/sim0')
    expect(body.status).toMatchObject({
      state: 'leased',
      lease: { holder: lab.person.id },
      lockedByteLength: 1024 * KiB,
    })
    expect(body.status.sessions.map(({ id }) => id)).toEqual([session.id])
    expect(body.channels.map(({ id }) => id)).toEqual(['h2c0', 'h2c1', 'c2h0', 'c2h1'])
    expect(body.sampleFormat).toMatchObject({ format: 'i16le', channels: 2, stride: 4 })
  })

  it('gives all locked memory back, by unlock and by the end of the lease', async () => {
    const lab = await openLab()
    const before = lockedKiB()
    await lab.take()
    const first = await lab.lock()
    await lab.lock({
      byteLength: 2 * 1024 * KiB,
      kind: 'contiguous',
      options: [],
      maxPages: undefined,
    })
    expect(lockedKiB()).toBe(before + 3 * KiB)
    await lab.post(`/dma-sessions/${first.id}/unlock`)
    expect(lockedKiB()).toBe(before + 2 * KiB)
    const { body } = await lab.get<BoardDetail>('/boards/sim0')
    await lab.post(`/leases/${body.status.lease?.id}/release`)
    await expect.poll(lockedKiB, { timeout: 10_000 }).toBeLessThanOrEqual(before)
  })
})
