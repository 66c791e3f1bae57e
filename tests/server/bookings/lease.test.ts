import { describe, expect, it } from 'vitest'
import type { DmaSession } from '../../../server/contract/dma-session.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024
const minute = 60_000

async function statusOf(lab: TestLab) {
  return (await lab.get<BoardDetail>('/boards/sim0')).body.status
}

function waitUntilReady(lab: TestLab) {
  return expect.poll(async () => (await statusOf(lab)).state, { timeout: 20_000 }).toBe('ready')
}

describe('a lease', () => {
  it('lasts thirty minutes, and the second taker is told who has the board until when', async () => {
    const lab = await openLab()
    const lease = await lab.take()
    expect(Date.parse(lease.endsAt) - Date.parse(lease.startedAt)).toBe(30 * minute)
    const { status, body } = await lab.post('/boards/sim0/lease')
    expect([status, body]).toMatchObject([
      409,
      {
        code: 'PINLAB_LEASE_TAKEN',
        holder: lab.person.id,
        holderName: lab.person.name,
        endsAt: lease.endsAt,
      },
    ])
  })

  it('ends at its time in mid-transfer: stopped, unlocked, ready again, and nothing stays locked', async () => {
    const lab = await openLab()
    const before = lockedKiB()
    await lab.take()
    const { id } = await lab.lock()
    await lab.start(id, { mode: 'cyclic', byteLength: MiB })
    await lab.clock.advance(29 * minute)
    expect((await statusOf(lab)).state).toBe('leased')
    await lab.clock.advance(minute)
    await waitUntilReady(lab)
    const { body } = await lab.get<DmaSession>(`/dma-sessions/${id}`)
    expect(body).toMatchObject({
      state: 'ended',
      endReason: 'lease-ended',
      transfers: [{ state: 'stopped' }],
    })
    expect(lockedKiB()).toBe(before)
    expect(await statusOf(lab)).toMatchObject({ lease: null, sessions: [], lockedByteLength: 0 })
  })

  it('ends by release, once, and the board can be taken again', async () => {
    const lab = await openLab()
    const lease = await lab.take()
    const { id } = await lab.lock()
    await lab.start(id, { mode: 'cyclic', byteLength: MiB })
    const { body } = await lab.post<Lease>(`/leases/${lease.id}/release`)
    expect(body).toMatchObject({ state: 'ending', endReason: 'released' })
    expect((await lab.post(`/leases/${lease.id}/release`)).body.code).toBe('PINLAB_LEASE_ENDED')
    await waitUntilReady(lab)
    expect((await lab.take()).state).toBe('active')
    expect((await lab.lock()).state).toBe('locked')
  })

  it('that is ending lets nobody lock, and a board that is clearing lets nobody take it', async () => {
    const lab = await openLab()
    const lease = await lab.take()
    const [, locked, taken] = await Promise.all([
      lab.post(`/leases/${lease.id}/release`),
      lab.post('/boards/sim0/locks', { kind: 'contiguous', byteLength: 4096 }),
      lab.post('/boards/sim0/lease'),
    ])
    expect([locked.body.code, taken.body.code]).toEqual([
      'PINLAB_LEASE_ENDED',
      'PINLAB_LEASE_TAKEN',
    ])
    await waitUntilReady(lab)
  })

  it('survives a restart; its locks do not', async () => {
    const dataFolder = temporaryFolder()
    const clock = new FakeClock()
    const first = await openLab({ dataFolder, clock })
    const lease = await first.take()
    const { id } = await first.lock()
    await first.app.close()
    const second = await openLab({ dataFolder, clock })
    expect(await statusOf(second)).toMatchObject({
      state: 'leased',
      lease: { id: lease.id },
      sessions: [],
    })
    const { body } = await second.get<DmaSession>(`/dma-sessions/${id}`)
    expect(body).toMatchObject({ state: 'ended', endReason: 'shutdown' })
    expect((await second.as(first.person).lock()).state).toBe('locked')
  })
})
