// kill -9 at each step of the stopping sequence: the server that starts next on the same folder brings the board to rest.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { projectRoot } from '../../../server/project-root.ts'
import { aroundHost, type HostCall } from '../../support/around-host.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { digitizer, lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'
import type { Doom } from './killed-stopping/process.ts'

const MiB = 1024 * 1024
const limits = {
  lockedByteLengthPerBoard: 16 * MiB,
  lockedByteLengthPerPerson: 16 * MiB,
  lockedByteLengthPerHost: 16 * MiB,
  locksPerLease: 4,
  captureByteLengthPerPerson: 16 * MiB,
}
const sequence: HostCall[] = [
  ...(['withdraw', 'stopBoard', 'resetBoard', 'unlockBoard', 'zeroBoard', 'checkBoard'] as const),
]

/** Child processes do not read TypeScript. Within the project, where the packages are found. */
const bundle = join(projectRoot, 'dist', `killed-stopping-${process.pid}`)

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(import.meta.dirname, 'killed-stopping', 'process.ts'),
      outDir: bundle,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'process.mjs' } },
    },
    ssr: { noExternal: ['typebox', 'yaml'] },
  })
}, 120_000)
afterAll(() => rmSync(bundle, { recursive: true, force: true }))

async function kill(doom: Omit<Doom, 'board' | 'limits'>): Promise<void> {
  const asked = JSON.stringify({ ...doom, board: digitizer, limits })
  const node = ['--import', './scripts/sqlite-binding.mjs', join(bundle, 'process.mjs'), asked]
  const child = spawn(process.execPath, node, { cwd: projectRoot, stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
}

/** Another person tries to take the board whenever the host is called. */
async function start(dataFolder: string) {
  const calls: HostCall[] = []
  const refusals = new Set<string | undefined>()
  let lab: TestLab | undefined
  let other: TestPerson | undefined
  const before = async (call: HostCall) => {
    if (!lab || !other || !sequence.includes(call)) return
    calls.push(call)
    refusals.add((await lab.as(other).post('/boards/sim0/lease')).body.code)
  }
  const clock = new FakeClock()
  // Later than whatever the process before had seen.
  await clock.advance(60 * 60_000)
  const opened = await openLab({
    ...{ dataFolder, clock, limits },
    wrapHost: (host) => aroundHost(host, { before }),
  })
  other = await addTestPerson(opened.database, 'operator')
  lab = opened
  // Before the lab is closed: what is registered last is run first.
  onTestFinished(() => {
    lab = undefined
  })
  return { lab: opened, other, calls, refusals }
}

const eventsOf = async ({ database }: TestLab, types: string[]) =>
  (await database.reader.auditEvent.findMany({ where: { type: { in: types } } })).length

/** Before a step is after the one before it. */
const cases: Pick<Doom, 'call' | 'when' | 'end'>[] = [
  ...sequence.map((call) => ({ call, when: 'before' as const, end: 'released' as const })),
  { call: 'checkBoard', when: 'after', end: 'released' },
  { call: 'readBytes', when: 'after', end: 'expired' },
]

describe('a server that is killed while a board comes to rest', () => {
  it.each(cases)(
    '$when $call ($end) is followed by one that ends it',
    async (doom) => {
      const dataFolder = temporaryFolder()
      await kill({ ...doom, dataFolder })
      const locked = lockedKiB()

      const { lab, other, calls, refusals } = await start(dataFolder)
      expect(await statusOf(lab)).toMatchObject({ state: 'clearing', lease: { state: 'ending' } })
      await lab.clock.advance(1000)
      const status = await eventually(
        () => statusOf(lab),
        ({ lease }) => lease === null,
      )
      expect(status).toMatchObject({
        ...{ state: 'ready', stateReason: null, step: null, dirty: false, sessions: [] },
        health: { ok: true },
      })
      expect(calls).toEqual(sequence)
      expect([...refusals]).toEqual(['PINLAB_LEASE_TAKEN'])
      // The simulated card locks memory of its own when it is opened.
      expect(lockedKiB() - locked).toBeLessThan(MiB / 1024)

      const { reader } = lab.database
      expect(await reader.lease.findMany()).toMatchObject([
        { state: 'ended', endReason: doom.end, activeBoard: null },
      ])
      expect(await reader.dmaSession.findMany()).toMatchObject([{ state: 'ended' }])
      expect(await reader.transfer.count({ where: { state: 'running' } })).toBe(0)
      expect(await eventsOf(lab, ['lease.ended'])).toBe(1)
      expect(await eventsOf(lab, ['dma.lock.ended', 'dma.lock.orphaned'])).toBe(1)
      expect(await reader.capture.count()).toBe(0)
      expect(readdirSync(join(dataFolder, 'captures'))).toEqual([])
      expect((await lab.as(other).post('/boards/sim0/lease')).status).toBe(201)
    },
    120_000,
  )
})
