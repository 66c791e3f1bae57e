// The real server on real boards: one guest, and in it one server until it is killed.

import { afterAll, beforeAll, describe } from 'vitest'
import { bootGuest } from './guest/guest.ts'
import { requireGuest } from './guest/prepare.ts'
import { killedServerSuite } from './killed-server-suite.ts'
import { type RunningLab, startLabInGuest } from './lab-in-guest.ts'
import { realBoardsSuite } from './real-boards-suite.ts'
import { labOf } from './three-boards.ts'

describe.skipIf(requireGuest() === null)('in the guest', () => {
  const lab = { times: { guest: 0, server: 0 } } as RunningLab

  beforeAll(async () => {
    const startedAt = Date.now()
    lab.guest = await bootGuest()
    lab.times.guest = (Date.now() - startedAt) / 1000
    lab.server = await startLabInGuest(lab.guest, labOf(lab.guest))
    lab.times.server = (Date.now() - startedAt) / 1000 - lab.times.guest
  })

  afterAll(() => lab.guest?.end())

  realBoardsSuite(lab)
  killedServerSuite(lab)
})
