// Pinlab as people run it, on three devices that it did not write: QEMU's edu, NVMe and e1000e behind a virtual IOMMU.

import { afterAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../server/contract/dma-session.ts'
import { numberedFrame, sendPaced } from './frames.ts'
import type { BoardModel } from './guest/qemu.ts'
import type { RunningLab } from './lab-in-guest.ts'
import { boardModels, lockOn, seen, thereAndBack } from './three-boards.ts'
import { type Moved, printWhatMoved } from './what-moved.ts'

const KiB = 1024

export const realBoardsSuite = (lab: RunningLab) =>
  describe('the server on real boards', () => {
    const moved: Moved[] = []

    afterAll(() => printWhatMoved(moved, lab.times))

    /** One lock from lease to unlock, with the record of it checked and noted. */
    async function useBoard(
      board: BoardModel,
      work: (session: DmaSession) => Promise<void>,
    ): Promise<DmaSession> {
      const interrupts = () => lab.server.interrupts(lab.guest.addresses.get(board) ?? '')
      const before = { interrupts: await interrupts(), at: Date.now() }
      const { identity } = await lab.server.board(board)
      const lease = await lab.server.take(board)
      const session = await lockOn(lab.server, board)
      await work(session)
      const ended = await lab.server.unlock(session)
      expect(ended).toMatchObject({ lease: lease.id, state: 'ended', endReason: 'unlocked' })
      expect(await lab.server.api(`/dma-sessions/${session.id}`)).toEqual(ended)
      moved.push({
        board,
        model: identity?.model ?? '',
        bytes: ended.transfers.reduce((sum, { bytesCompleted }) => sum + bytesCompleted, 0),
        transfers: ended.transferCount,
        interrupts: (await interrupts()) - before.interrupts,
        seconds: (Date.now() - before.at) / 1000,
      })
      await lab.server.api(`/leases/${lease.id}/release`, {})
      return ended
    }

    it('edu: carries bytes into its buffer and back, by interrupt', async () => {
      const { transfers } = await useBoard('edu', (session) => thereAndBack(lab.server, session))
      expect(transfers).toMatchObject([{ bytesCompleted: 4000 }, { bytesCompleted: 4000 }])
      expect(moved.at(-1)?.interrupts).toBeGreaterThan(0)
    })

    it('nvme: carries blocks from scattered pages to the disk and back, by interrupt', async () => {
      const { transfers, pageCount } = await useBoard('nvme', (session) =>
        thereAndBack(lab.server, session),
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
        const live = await lab.server.live()
        live.send({ op: 'view', id: 1, session: session.id, kind: 'bytes', byteLength: 64 * KiB })
        await live.message('opened', 1)
        const channel = await lab.server.channel('e1000e', 'c2h')
        const { byteLength } = session
        const { n } = await lab.server.start(session, { channel, mode: 'cyclic', byteLength })
        const sent = sendPaced(lab.guest, 400, (number) =>
          numberedFrame(number, Buffer.from('a packet from outside')),
        )
        await seen(live, (payload) => payload.includes('a packet from outside'))
        await sent
        live.socket.close()
        expect(await lab.server.stop(session, n)).toMatchObject({ state: 'stopped', failure: null })
      })
      expect(transfers).toMatchObject([{ mode: 'cyclic', state: 'stopped' }])
      expect(transfers[0]?.bytesCompleted).toBeGreaterThan(0)
      expect(moved.at(-1)?.interrupts).toBeGreaterThan(0)
    })

    it('leaves every board ready, with nothing locked and no access refused by the IOMMU', async () => {
      for (const board of boardModels) {
        await expect
          .poll(async () => (await lab.server.board(board)).status, { timeout: 60_000 })
          .toMatchObject({ state: 'ready', sessions: [], faults: [], lockedByteLength: 0 })
      }
      const { output } = await lab.guest.run('dmesg | grep -E "DMAR.*fault" || true')
      expect(output.toString()).toBe('')
    })
  })
