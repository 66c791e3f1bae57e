// Boards that are out of use: they stay so over a restart, until the keeper brings them back with a reason.

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SimulatedBoardConfig } from '../../../server/lab-config.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { digitizer, lockedKiB, openLab, recording, type TestLab } from '../../support/test-lab.ts'

/** Loses its link at the DAC's first descriptor; opening it anew brings it back, and arms the fault again. */
const loose: SimulatedBoardConfig = {
  ...digitizer,
  config: {
    ...digitizer.config,
    faults: [{ kind: 'linkLost', channel: 'h2c1', count: 1, skip: 0, delayMs: 0, bits: 1 }],
  },
}

async function loseLink(lab: TestLab) {
  const lease = await lab.take()
  const { id } = await lab.lock({ direction: 'toDevice', byteLength: 65_536 })
  await lab.start(id, { channel: 'h2c1', byteLength: 65_536 })
  await lab.get(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
  await untilState(lab, 'offline')
  return { lease, session: id }
}

async function quarantine(lab: TestLab) {
  const lost = await loseLink(lab)
  await lab.post(`/leases/${lost.lease.id}/release`)
  await untilState(lab, 'quarantined')
  return lost
}

const untilState = (lab: TestLab, wanted: string) =>
  eventually(
    () => statusOf(lab),
    ({ state }) => state === wanted,
  )

const clear = (lab: TestLab, reason = 'reseated the cable') =>
  lab.post('/boards/sim0/clear-quarantine', { reason })

async function eventsOf({ database }: TestLab, type: string) {
  const events = await database.reader.auditEvent.findMany({ where: { type } })
  return events.map(({ payload }) => JSON.parse(payload))
}

describe('a quarantined board', () => {
  it('is opened anew and checked by clear-quarantine, and serves the next person', async () => {
    const before = lockedKiB()
    const lab = await openLab({ boards: [loose] })
    const idle = lockedKiB() - before
    await quarantine(lab)
    expect((await clear(lab)).status).toBe(202)
    const status = await untilState(lab, 'ready')
    expect(status).toMatchObject({ stateReason: null, step: null, health: { ok: true } })
    expect(lockedKiB() - before).toBe(idle)
    const [asked] = await eventsOf(lab, 'board.clearing-requested')
    expect(asked).toMatchObject({
      actor: lab.person.id,
      board: 'sim0',
      detail: { reason: 'reseated the cable', was: 'quarantined' },
    })
    expect(asked.detail.because).toContain('does not answer')
    await lab.take()
    const { id } = await lab.lock()
    await lab.start(id, { byteLength: 4096 })
    const { body } = await lab.get(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
    expect(body).toMatchObject({ state: 'done', bytesCompleted: 4096 })
  })

  it('stays so over a restart', async () => {
    const dataFolder = temporaryFolder()
    const first = await openLab({ boards: [loose], dataFolder })
    await quarantine(first)
    const reason = (await statusOf(first)).stateReason
    await first.app.close()
    const second = await openLab({ boards: [loose], dataFolder })
    expect(await statusOf(second)).toMatchObject({ state: 'quarantined', stateReason: reason })
    expect((await second.post('/boards/sim0/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect((await clear(second)).status).toBe(202)
    await untilState(second, 'ready')
  })

  it('is quarantined again when the server stopped while it was being cleared', async () => {
    const dataFolder = temporaryFolder()
    const first = await openLab({ boards: [loose], dataFolder })
    await quarantine(first)
    await first.database.write((tx) =>
      tx.board.update({ where: { id: 'sim0' }, data: { state: 'clearing', step: 'resetting' } }),
    )
    await first.app.close()
    const second = await openLab({ boards: [loose], dataFolder })
    expect(await statusOf(second)).toMatchObject({
      state: 'quarantined',
      stateReason: expect.stringContaining('while the board was being cleared'),
    })
  })

  it('needs a reason', async () => {
    const lab = await openLab({ boards: [loose] })
    await quarantine(lab)
    for (const reason of ['', '  ', 'x'.repeat(201)]) {
      const { status, body } = await clear(lab, reason)
      expect([status, body.code]).toEqual([400, 'PINLAB_REQUEST_INVALID'])
    }
    expect((await statusOf(lab)).state).toBe('quarantined')
  })
})

describe('clear-quarantine is refused', () => {
  it('for a board in use or ready, and an unknown one', async () => {
    const lab = await openLab()
    expect((await clear(lab)).body.code).toBe('PINLAB_BOARD_NOT_QUARANTINED')
    await lab.take()
    expect((await clear(lab)).body.code).toBe('PINLAB_BOARD_NOT_QUARANTINED')
    const unknown = await lab.post('/boards/nobody/clear-quarantine', { reason: 'because' })
    expect(unknown.body.code).toBe('PINLAB_BOARD_UNKNOWN')
  })

  it('while somebody still has the board, whose bytes it would take', async () => {
    const lab = await openLab({ boards: [loose] })
    const { session } = await loseLink(lab)
    const { status, body } = await clear(lab)
    expect([status, body.code]).toEqual([409, 'PINLAB_LEASE_TAKEN'])
    expect((await lab.get(`/dma-sessions/${session}/data`)).bytes).toHaveLength(65_536)
  })
})

describe('a board that could not be opened', () => {
  it('comes into use without a restart once what was wrong is mended', async () => {
    const wav = join(temporaryFolder(), 'notes.wav')
    writeFileSync(wav, 'this is no recording')
    const broken = { ...digitizer, config: { ...digitizer.config, recording: wav } }
    const lab = await openLab({ boards: [broken] })
    await untilState(lab, 'offline')
    await clear(lab, 'did nothing')
    const still = await untilState(lab, 'offline')
    expect(still.stateReason).toContain('notes.wav')
    copyFileSync(recording, wav)
    await clear(lab, 'copied the recording again')
    await untilState(lab, 'ready')
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
  })
})
