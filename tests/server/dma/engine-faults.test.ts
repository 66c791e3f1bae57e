// Engines that stop at an error on purpose, a board without bus mastering, and the registers that arm it all, through the whole server.

import { describe, expect, it } from 'vitest'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import {
  byteLength,
  eventually,
  faultEvents,
  faultyLab,
  giveBack,
  run,
  statusOf,
  watchForUnhandled,
} from '../../support/faulty-lab.ts'

describe.each(['h2c0', 'h2c1', 'c2h0', 'c2h1'])('on %s', (channel) => {
  it.each([
    ['wrongMagic', {}, 'without its magic number'],
    ['errorBits', {}, 'status 0x400'],
    ['errorBits', { bits: 0x8_0000 }, 'descriptor fetch'],
  ] as const)('%s %j fails the transfer, and the bench says at what', async (kind, more, words) => {
    watchForUnhandled()
    const faulty = await faultyLab({ kind, channel, ...more })
    const transfer = await run(faulty, { channel })
    expect(transfer).toMatchObject({
      state: 'failed',
      bytesCompleted: 0,
      failure: {
        code: 'PINLAB_BOARD_FAULT',
        wdStatus: 'WD_OPERATION_FAILED',
        detail: expect.stringContaining(words),
      },
    })
    const { faults } = await eventually(
      () => statusOf(faulty.lab),
      (now) => now.faults.length > 0,
    )
    expect(faults).toMatchObject([
      { kind: 'engine', channel, detail: expect.stringContaining(words) },
    ])
    expect(
      await eventually(
        () => faultEvents(faulty.lab),
        (all) => all.length > 0,
      ),
    ).toMatchObject([{ kind: 'engine', channel }])
    // It struck once: the next transfer is whole.
    await faulty.lab.start(faulty.session, { channel, byteLength })
    const { body } = await faulty.lab.get<Transfer>(
      `/dma-sessions/${faulty.session}/transfers/2?waitSeconds=30`,
    )
    expect(body).toMatchObject({ state: 'done', bytesCompleted: byteLength })
    expect((await giveBack(faulty)).state).toBe('ready')
  })

  it('bus mastering that is lost is a stall, and a reset brings it back', async () => {
    watchForUnhandled()
    const faulty = await faultyLab({ kind: 'busMasterOff', channel })
    const { lab, session } = faulty
    await lab.start(session, { channel, byteLength })
    const { body } = await lab.post<Transfer>(`/dma-sessions/${session}/transfers/1/stop`)
    expect(body).toMatchObject({ state: 'stopped', bytesCompleted: 0 })
    const { faults, state } = await eventually(
      () => statusOf(lab),
      (now) => now.faults.length > 0,
    )
    expect([state, faults]).toMatchObject(['leased', [{ kind: 'stall', channel }]])
    expect((await giveBack(faulty)).state).toBe('ready')
  })
})

describe('the injection block', () => {
  it('is open to whoever has the board', async () => {
    const faulty = await faultyLab()
    const write = (register: string, value: string) => ({ op: 'write', register, value })
    const operations = [
      write('FAULT_SELECT', '0x2'),
      write('FAULT_CHANNEL', '0x11'),
      write('FAULT_ARM', '0x1'),
      { op: 'read', register: 'FAULT_ARM' },
    ]
    const { body } = await faulty.lab.post<{ values: string[] }>(
      '/boards/sim0/register-operations',
      { operations },
    )
    expect(body.values.at(-1)).toBe('0x1')
    expect(await run(faulty, { channel: 'c2h1' })).toMatchObject({
      state: 'done',
      bytesCompleted: byteLength / 2,
    })
    expect((await giveBack(faulty)).state).toBe('ready')
  })
})
