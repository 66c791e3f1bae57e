// A server that dies in mid-transfer leaves real devices running. Nothing of that may reach the memory of whoever comes next.

import { beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../server/contract/dma-session.ts'
import { numberedFrame, sendPaced } from './frames.ts'
import type { BoardModel } from './guest/qemu.ts'
import { type RunningLab, startLabInGuest } from './lab-in-guest.ts'
import { boardModels, labOf, lockOn, ranges, thereAndBack } from './three-boards.ts'

export const killedServerSuite = (lab: RunningLab) =>
  describe('after kill -9 in mid-transfer on every board', () => {
    const leases = new Map<BoardModel, string>()
    const killed = new Map<BoardModel, DmaSession>()

    beforeAll(async () => {
      for (const board of boardModels) {
        leases.set(board, (await lab.server.take(board)).id)
        killed.set(board, await lockOn(lab.server, board))
      }
      await startEverything()
      await Promise.all([lab.server.kill(), sendFrames()])
      lab.server = await startLabInGuest(lab.guest, labOf(lab.guest))
    })

    const sendFrames = () =>
      sendPaced(lab.guest, 400, (number) => numberedFrame(number, Buffer.from('left over')))

    async function startEverything(): Promise<void> {
      const start = async (board: BoardModel, request: object) => {
        const session = killed.get(board)
        if (!session) throw new Error(`nothing is locked on ${board}`)
        const channel = await lab.server.channel(board, 'c2h')
        await lab.server.start(session, { mode: 'once', channel, ...request })
      }
      await start('e1000e', { mode: 'cyclic', byteLength: killed.get('e1000e')?.byteLength })
      await start('nvme', ranges.nvme)
      await start('edu', ranges.edu)
    }

    it('the record says that the host was restarted', async () => {
      for (const board of boardModels) {
        const session = await lab.server.api<DmaSession>(`/dma-sessions/${killed.get(board)?.id}`)
        expect(session).toMatchObject({ board, state: 'ended', endReason: 'host-restarted' })
      }
    })

    it('no byte lands in the memory that is locked next', async () => {
      for (const board of boardModels) {
        expect((await lab.server.board(board)).status).toMatchObject({
          state: 'leased',
          lease: { id: leases.get(board) },
        })
      }
      const sessions = []
      for (const board of boardModels) sessions.push(await lockOn(lab.server, board))
      for (const session of sessions) await lab.server.fill(session, { pattern: 'prbs31', seed: 3 })
      const before = await Promise.all(sessions.map((session) => lab.server.bytes(session)))
      await sendFrames()
      // The edu takes 100 ms of the guest's time for a transfer; the network card has all frames by then.
      await lab.guest.run('sleep 1')
      for (const [index, session] of sessions.entries()) {
        expect((await lab.server.bytes(session)).equals(before[index] as Buffer)).toBe(true)
        await lab.server.unlock(session)
      }
    })

    it('the boards work again', async () => {
      for (const board of ['edu', 'nvme'] as const) {
        const session = await lockOn(lab.server, board)
        await thereAndBack(lab.server, session)
        await lab.server.unlock(session)
      }
      for (const board of boardModels) {
        await lab.server.api(`/leases/${leases.get(board)}/release`, {})
        await expect
          .poll(async () => (await lab.server.board(board)).status, { timeout: 60_000 })
          .toMatchObject({ state: 'ready', sessions: [], lockedByteLength: 0 })
      }
    })
  })
