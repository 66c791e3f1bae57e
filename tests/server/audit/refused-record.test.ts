// What goes on when nothing can be recorded: on a disk that is full, and with a database that only reads.

import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import type { DmaSession, Transfer } from '../../../server/contract/dma-session.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { fillDisk, mayMount, mountSmallDisk } from '../../support/small-disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'
import { checkEverythingEnded, readWholeRecord } from '../../support/whole-record.ts'

const MiB = 1024 * 1024
const refused = { status: 503, body: { code: 'PINLAB_SERVER_DATABASE' } }

interface Way {
  name: string
  open(): Promise<{ lab: TestLab; dataFolder: string }>
  /** From here on nothing can be written. Returns what ends that. */
  refuse(lab: TestLab, dataFolder: string): Promise<() => Promise<void>>
}

const readOnly: Way = {
  name: 'a database that only reads',
  async open() {
    const dataFolder = temporaryFolder()
    return { lab: await openLab({ dataFolder }), dataFolder }
  },
  async refuse({ database }) {
    const set = (on: 0 | 1) =>
      database.write((tx) => tx.$queryRawUnsafe(`PRAGMA query_only = ${on}`))
    await set(1)
    return async () => void (await set(0))
  },
}

const fullDisk: Way = {
  name: 'a full disk',
  async open() {
    const dataFolder = temporaryFolder()
    mountSmallDisk(dataFolder, 16)
    return { lab: await openLab({ dataFolder }), dataFolder }
  },
  async refuse({ database }, dataFolder) {
    const makeRoom = fillDisk(dataFolder)
    const write = () =>
      database.write((tx) => record(tx, { type: 'board.fault', actor: 'system' })).then(() => true)
    // What the journal has room for already goes on.
    for (let n = 0; n < 100; n++) if (!(await write().catch(() => false))) break
    return async () => makeRoom()
  },
}

const ways = mayMount() ? [readOnly, fullDisk] : [readOnly]

/** Two locks, and a ring that runs in the first. */
async function busy(lab: TestLab) {
  const lease = await lab.take()
  const ring = await lab.lock()
  const other = await lab.lock()
  await lab.start(ring.id, { mode: 'cyclic', byteLength: MiB })
  return { lease, ring, other }
}

const unlock = (lab: TestLab, { id }: DmaSession) =>
  lab.post<DmaSession>(`/dma-sessions/${id}/unlock`)
const find = async (lab: TestLab, { id }: { id: string }) =>
  (await lab.get<DmaSession>(`/dma-sessions/${id}`)).body

describe.each(ways)('with $name', (way) => {
  it('nothing new begins; stop, unlock and release work, and are on record afterwards', async () => {
    const { lab, dataFolder } = await way.open()
    const unlocked = lockedKiB()
    const { lease, ring, other } = await busy(lab)
    const allow = await way.refuse(lab, dataFolder)
    const from = Date.now()

    const stopped = await lab.post<Transfer>(`/dma-sessions/${ring.id}/transfers/1/stop`)
    expect(stopped).toMatchObject({ status: 200, body: { state: 'stopped' } })
    expect(await unlock(lab, ring)).toMatchObject({
      ...{ status: 200, body: { state: 'ended', endReason: 'unlocked' } },
    })
    expect(lockedKiB() - unlocked).toBe(MiB / 1024)
    expect((await unlock(lab, ring)).body.code).toBe('PINLAB_SESSION_NOT_LOCKED')

    const memory = { kind: 'scatterGather', byteLength: MiB, direction: 'fromDevice' }
    expect(await lab.post('/boards/sim0/locks', memory)).toMatchObject(refused)
    const again = { channel: 'c2h1', mode: 'once', offset: 0, byteLength: 4096 }
    expect(await lab.post(`/dma-sessions/${other.id}/transfers`, again)).toMatchObject(refused)

    expect(await lab.post<Lease>(`/leases/${lease.id}/release`)).toMatchObject({
      ...{ status: 200, body: { state: 'ending', endReason: 'released' } },
    })
    await eventually(
      () => find(lab, other),
      ({ state }) => state === 'ended',
    )
    await expect.poll(lockedKiB, { timeout: 20_000 }).toBe(unlocked)
    expect((await lab.post('/boards/sim0/locks', memory)).status).toBe(503)
    await lab.clock.advance(1000)
    await lab.clock.advance(1000)
    const to = Date.now()

    await allow()
    await lab.clock.advance(1000)
    const status = await eventually(
      () => statusOf(lab),
      ({ state }) => state === 'ready',
    )
    expect(status).toMatchObject({ lease: null, sessions: [] })
    expect(await find(lab, ring)).toMatchObject({
      ...{ endReason: 'unlocked', transfers: [{ state: 'stopped' }] },
    })
    expect(await find(lab, other)).toMatchObject({ endReason: 'lease-ended' })

    await lab.clock.advance(11_000)
    const events = await readWholeRecord(lab.database.reader)
    checkEverythingEnded(events)
    const late = events.filter(({ detail }) => detail?.spooled === true)
    const types = late.map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(['dma.transfer.ended', 'dma.lock.ended'])
    expect(types).toContain('lease.ending')
    expect(events.filter(({ type }) => type === 'lease.ended').length).toBe(1)
    for (const { at } of late) {
      expect(Date.parse(at)).toBeGreaterThanOrEqual(from)
      expect(Date.parse(at)).toBeLessThanOrEqual(to)
    }
    expect(late[1]).toMatchObject({ actor: lab.person.id, request: expect.any(String) })
    const spooled = events.filter(({ type }) => type === 'audit.spooled')
    expect(spooled.length).toBeGreaterThan(0)
    const spool = readFileSync(join(dataFolder, 'audit', 'spool'))
    expect(spool.equals(Buffer.alloc(MiB))).toBe(true)
    expect((await lab.take()).state).toBe('active')
  })

  it('a lease that comes to its end stops the engines and unlocks the memory', async () => {
    const { lab, dataFolder } = await way.open()
    const unlocked = lockedKiB()
    const { lease, ring, other } = await busy(lab)
    const allow = await way.refuse(lab, dataFolder)
    await lab.clock.advance(Date.parse(lease.endsAt) - lab.clock.now())
    await eventually(
      () => find(lab, other),
      ({ state }) => state === 'ended',
    )
    await expect.poll(lockedKiB, { timeout: 20_000 }).toBe(unlocked)
    await allow()
    await lab.clock.advance(1000)
    await eventually(
      () => statusOf(lab),
      ({ state }) => state === 'ready',
    )
    for (const session of [ring, other]) {
      expect(await find(lab, session)).toMatchObject({ state: 'ended', endReason: 'lease-ended' })
    }
    checkEverythingEnded(await readWholeRecord(lab.database.reader))
  })
})

it.skipIf(ways.length === 1)('on a full disk the server does not start, and says why', async () => {
  const { lab, dataFolder } = await fullDisk.open()
  await lab.app.close()
  const makeRoom = fillDisk(dataFolder)
  await expect(openLab({ dataFolder })).rejects.toMatchObject({
    code: expect.stringMatching(/^PINLAB_(START_DATA_FOLDER|SERVER_DATABASE)$/),
  })
  makeRoom()
  await openLab({ dataFolder })
})

describe('the spool of a process that died', () => {
  /** The folder as that process left it, with one session unlocked that the database does not know of. */
  async function crash() {
    const { lab, dataFolder } = await readOnly.open()
    const { ring, other } = await busy(lab)
    const allow = await readOnly.refuse(lab, dataFolder)
    await lab.post(`/dma-sessions/${ring.id}/transfers/1/stop`)
    const { endedAt } = (await unlock(lab, ring)).body
    const copy = temporaryFolder()
    cpSync(dataFolder, copy, { recursive: true })
    await allow()
    return { dataFolder: copy, ring, other, endedAt }
  }

  it('is written before the rest is reconciled: what was unlocked is not orphaned', async () => {
    const { dataFolder, ring, other, endedAt } = await crash()
    const lab = await openLab({ dataFolder })
    expect(await find(lab, ring)).toMatchObject({
      ...{ endReason: 'unlocked', endedAt, transfers: [{ state: 'stopped' }] },
    })
    expect(await find(lab, other)).toMatchObject({ endReason: 'host-restarted' })
    checkEverythingEnded(await readWholeRecord(lab.database.reader))
  })

  it('is written once, also when that start dies before it has cleared it', async () => {
    const { dataFolder } = await crash()
    const file = join(dataFolder, 'audit', 'spool')
    const spool = temporaryFolder()
    cpSync(file, join(spool, 'spool'))
    await (await openLab({ dataFolder })).app.close()
    cpSync(join(spool, 'spool'), file)
    const events = await readWholeRecord((await openLab({ dataFolder })).database.reader)
    checkEverythingEnded(events)
    expect(events.filter(({ type }) => type === 'audit.spooled')).toMatchObject([
      { detail: { count: 2, first: 1, last: 2 } },
    ])
  })
})
