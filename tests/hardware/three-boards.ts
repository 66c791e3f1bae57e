// The lab of the hardware suites, and what each of its boards can be asked to do.

import { expect } from 'vitest'
import type { DmaSession, LockRequest } from '../../server/contract/dma-session.ts'
import type { LiveClient } from '../support/live-client.ts'
import type { Guest } from './guest/guest.ts'
import type { BoardModel } from './guest/qemu.ts'
import type { LabInGuest } from './lab-in-guest.ts'

const KiB = 1024
const MiB = 1024 * KiB

export const boardModels: readonly BoardModel[] = ['edu', 'nvme', 'e1000e']

/** pinlab.yaml with every board of the guest; each is called like its driver. */
export function labOf({ addresses }: Guest): object {
  const board = (id: BoardModel) => {
    return { id, name: id, tags: ['real'], bus: 'vfio', driver: id, address: addresses.get(id) }
  }
  return {
    boards: [
      board('edu'),
      { ...board('nvme'), writable: true, config: { fragmentation: 3 } },
      board('e1000e'),
    ],
  }
}

const scattered = {
  kind: 'scatterGather',
  options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
  maxPages: 1024,
} as const

/** The edu has no scatter list; the NVMe's pages are never adjacent; the network card only writes. */
const locks: Record<BoardModel, Partial<LockRequest>> = {
  edu: { kind: 'contiguous', byteLength: 4 * KiB, direction: 'toFromDevice' },
  nvme: { ...scattered, options: [...scattered.options], byteLength: 4 * MiB },
  e1000e: {
    ...{ ...scattered, options: [...scattered.options] },
    byteLength: 256 * KiB,
    direction: 'fromDevice',
  },
}

export function lockOn(server: LabInGuest, board: BoardModel): Promise<DmaSession> {
  return server.lock(board, { ...locks[board], label: `hardware suite on ${board}` })
}

/** What fits: the edu's buffer ends at 4095 bytes. The NVMe counts blocks. */
export const ranges = {
  edu: { byteLength: 4000, deviceAddress: '0x0' },
  nvme: { byteLength: 4 * MiB, deviceAddress: '0x800' },
}

/** Writes a pattern to the board, reads it back into zeroed memory, and sees it come in the live view. */
export async function thereAndBack(server: LabInGuest, session: DmaSession): Promise<void> {
  const board = session.board as keyof typeof ranges
  const range = ranges[board]
  await server.fill(session, { pattern: 'random', seed: 7 })
  const pattern = (await server.bytes(session)).subarray(0, range.byteLength)
  await server.move(session, { ...range, channel: await server.channel(board, 'h2c') })
  await server.fill(session, { pattern: 'zero' })
  const live = await server.live()
  const window = pattern.subarray(0, 4000)
  live.send({ op: 'view', id: 1, session: session.id, kind: 'bytes', byteLength: window.length })
  await live.message('opened', 1)
  await server.move(session, { ...range, channel: await server.channel(board, 'c2h') })
  const back = (await server.bytes(session)).subarray(0, range.byteLength)
  expect(back.equals(pattern)).toBe(true)
  await seen(live, (payload) => payload.equals(window))
  live.socket.close()
}

/** Resolves when a frame like this was shown. */
export async function seen(live: LiveClient, isIt: (payload: Buffer) => boolean): Promise<void> {
  for (;;) {
    const { stream, seq, payload } = await live.frame()
    live.ack(stream, seq)
    if (isIt(payload)) return
  }
}
