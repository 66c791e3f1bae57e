// A lab whose digitizer fails on purpose, and what tests of it ask again and again.

import { expect, onTestFinished } from 'vitest'
import type { SimulatedFault } from '../../native/index.ts'
import type { Transfer } from '../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import type { SimulatedBoardConfig } from '../../server/lab-config.ts'
import { type Answer, digitizer, lockedKiB, openLab, type TestLab } from './test-lab.ts'

export const byteLength = 64 * 1024

/** The digitizer of the other tests, with these faults after every power-up and reset. */
export async function faultyLab(...faults: SimulatedFault[]) {
  const config = { ...digitizer.config, fragmentation: 0, faults } as SimulatedBoardConfig['config']
  const lab = await openLab({ boards: [{ ...digitizer, config }] })
  const lockedBefore = lockedKiB()
  const lease = await lab.take()
  await lab.playRecording()
  const { id } = await lab.lock({ byteLength, direction: 'toFromDevice' })
  return { lab, lease, session: id, lockedBefore }
}

export type Faulty = Awaited<ReturnType<typeof faultyLab>>

export const statusOf = async (lab: TestLab) =>
  (await lab.get<BoardDetail>('/boards/sim0')).body.status
const ended = (lab: TestLab, session: string) =>
  lab.get<Transfer>(`/dma-sessions/${session}/transfers/1?waitSeconds=30`)

export async function run(
  { lab, session }: Faulty,
  body: object,
): Promise<Answer<Transfer>['body']> {
  await lab.start(session, { byteLength, ...body })
  return (await ended(lab, session)).body
}

export async function eventually<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Unlocks, gives the board back, and looks that nothing stayed locked. Returns what became of the board. */
export async function giveBack({ lab, lease, session, lockedBefore }: Faulty) {
  expect((await lab.post(`/dma-sessions/${session}/unlock`)).status).toBe(200)
  expect(lockedKiB()).toBe(lockedBefore)
  expect((await lab.post(`/leases/${lease.id}/release`)).status).toBe(200)
  const status = await eventually(
    () => statusOf(lab),
    ({ lease }) => lease === null,
  )
  expect(lockedKiB()).toBe(lockedBefore)
  return status
}

export async function faultEvents({ database }: TestLab): Promise<object[]> {
  const events = await database.reader.auditEvent.findMany({ where: { type: 'board.fault' } })
  return events.map(({ payload }) => JSON.parse(payload).detail)
}

/** No promise of the server may be left without anybody who handles its failure. */
export function watchForUnhandled() {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', listen)
  onTestFinished(() => {
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
}
