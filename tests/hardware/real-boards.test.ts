// Pinlab as people run it, on three devices that it did not write: QEMU's edu, NVMe and e1000e behind a virtual IOMMU.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../server/contract/dma-session.ts'
import { numberedFrame, sendPaced } from './frames.ts'
import { bootGuest, type Guest } from './guest/guest.ts'
import { requireGuest } from './guest/prepare.ts'
import type { BoardModel } from './guest/qemu.ts'
import { type LabInGuest, startLabInGuest } from './lab-in-guest.ts'
import { boardModels, labOf, lockOn, seen, thereAndBack } from './three-boards.ts'
import { type Moved, printWhatMoved } from './what-moved.ts'

const KiB = 1024

describe.skipIf(requireGuest() === null)('the server on real boards', () => {
  let guest: Guest
  let server: LabInGuest
  const moved: Moved[] = []
  const times = { guest: 0, server: 0 }

  beforeAll(async () => {
    const startedAt = Date.now()
    guest = await bootGuest()
    times.guest = (Date.now() - startedAt) / 1000
    server = await startLabInGuest(guest, labOf(guest))
    times.server = (Date.now() - startedAt) / 1000 - times.guest
  })

  afterAll(async () => {
    printWhatMoved(moved, times)
    await guest?.end()
  })

  /** One lock from lease to unlock, with the record of it checked and noted. */
  async function useBoard(
    board: BoardModel,
    work: (session: DmaSession) => Promise<void>,
  ): Promise<DmaSession> {
    const interrupts = () => server.interrupts(guest.addresses.get(board) ?? '')
    const before = { interrupts: await interrupts(), at: Date.now() }
    const { identity } = await server.board(board)
    const lease = await server.take(board)
    const session = await lockOn(server, board)
    await work(session)
    const ended = await server.unlock(session)
    expect(ended).toMatchObject({ lease: lease.id, state: 'ended', endReason: 'unlocked' })
    expect(await server.api(`/dma-sessions/${session.id}`)).toEqual(ended)
    moved.push({
      board,
      model: identity?.model ?? '',
      bytes: ended.transfers.reduce((sum, { bytesCompleted }) => sum + bytesCompleted, 0),
      transfers: ended.transferCount,
      interrupts: (await interrupts()) - before.interrupts,
      seconds: (Date.now() - before.at) / 1000,
    })
    await server.api(`/leases/${lease.id}/release`, {})
    return ended
  }

  it('edu: carries bytes into its buffer and back, by interrupt', async () => {
    const { transfers } = await useBoard('edu', (session) => thereAndBack(server, session))
    expect(transfers).toMatchObject([{ bytesCompleted: 4000 }, { bytesCompleted: 4000 }])
    expect(moved.at(-1)?.interrupts).toBeGreaterThan(0)
  })

  it('nvme: carries blocks from scattered pages to the disk and back, by interrupt', async () => {
    const { transfers, pageCount } = await useBoard('nvme', (session) =>
      thereAndBack(server, session),
    )
    expect(pageCount).toBeGreaterThan(300)
    expect(transfers).toMatchObject([
      { state: 'done', bytesCompleted: 4096 * KiB },
      { state: 'done', bytesCompleted: 4096 * KiB },
    ])
    expect(moved.at(-1)?.interrupts).toBeGreaterThan(0)
  })

  it('e1000e: shows UDP packets from outside in the live view of a cyclic lock', async () => {
    const { transfers } = await useBoard('e1000e', async (session) => {
      const live = await server.live()
      live.send({ op: 'view', id: 1, session: session.id, kind: 'bytes', byteLength: 64 * KiB })
      await live.message('opened', 1)
      const channel = await server.channel('e1000e', 'c2h')
      const { byteLength } = session
      const { n } = await server.start(session, { channel, mode: 'cyclic', byteLength })
      const sent = sendPaced(guest, 400, (number) =>
        numberedFrame(number, Buffer.from('a packet from outside')),
      )
      await seen(live, (payload) => payload.includes('a packet from outside'))
      await sent
      live.socket.close()
      expect(await server.stop(session, n)).toMatchObject({ state: 'stopped', failure: null })
    })
    expect(transfers).toMatchObject([{ mode: 'cyclic', state: 'stopped' }])
    expect(transfers[0]?.bytesCompleted).toBeGreaterThan(0)
    expect(moved.at(-1)?.interrupts).toBeGreaterThan(0)
  })

  it('leaves every board ready, with nothing locked and no access refused by the IOMMU', async () => {
    for (const board of boardModels) {
      await expect
        .poll(async () => (await server.board(board)).status, { timeout: 60_000 })
        .toMatchObject({ state: 'ready', sessions: [], faults: [], lockedByteLength: 0 })
    }
    const { output } = await guest.run('dmesg | grep -E "DMAR.*fault" || true')
    expect(output.toString()).toBe('')
  })
})
