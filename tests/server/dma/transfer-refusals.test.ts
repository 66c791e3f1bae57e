import { beforeAll, describe, expect, it } from 'vitest'
import { openLab, sharedLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024

describe('a transfer that cannot be', () => {
  const shared = sharedLab()
  beforeAll(() => shared().take())

  it.each<[string, object, string]>([
    ['outside its lock', { offset: MiB - 64, byteLength: 128 }, 'PINLAB_TRANSFER_OUT_OF_RANGE'],
    ['of no bytes', { byteLength: 0 }, 'PINLAB_REQUEST_INVALID'],
    ['against the direction of its lock', { channel: 'h2c0' }, 'PINLAB_TRANSFER_DIRECTION'],
    ['on an unknown channel', { channel: 'c2h9' }, 'PINLAB_TRANSFER_CHANNEL_UNKNOWN'],
    ['of a length that a stream does not take', { byteLength: 100 }, 'PINLAB_TRANSFER_ALIGNMENT'],
    [
      'round a ring of one block',
      { mode: 'cyclic', blockByteLength: MiB },
      'PINLAB_TRANSFER_ALIGNMENT',
    ],
    [
      'round a ring of uneven blocks',
      { mode: 'cyclic', blockByteLength: 3 * 64 },
      'PINLAB_TRANSFER_ALIGNMENT',
    ],
    [
      'with a device address on a stream',
      { deviceAddress: '0x40' },
      'PINLAB_TRANSFER_OUT_OF_RANGE',
    ],
    ['with an address that is none', { deviceAddress: '64' }, 'PINLAB_REQUEST_INVALID'],
  ])('%s is refused, and its lock can be unlocked', async (_, body, code) => {
    const lab = shared()
    const { id } = await lab.lock()
    const url = `/dma-sessions/${id}`
    const answer = await lab.post(`${url}/transfers`, {
      channel: 'c2h1',
      mode: 'once',
      byteLength: MiB,
      ...body,
    })
    expect(answer.body).toMatchObject({ code, detail: expect.any(String) })
    expect((await lab.post(`${url}/unlock`)).status).toBe(200)
  })

  it('beyond the memory of the card fails with the fault of the board', async () => {
    const lab = await openLab()
    await lab.take()
    const { id } = await lab.lock()
    await lab.start(id, {
      channel: 'c2h0',
      byteLength: MiB,
      deviceAddress: `0x${(8 * MiB - 4096).toString(16)}`,
    })
    const { body } = await lab.get<object>(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
    expect(body).toMatchObject({ state: 'failed', failure: { code: 'PINLAB_BOARD_FAULT' } })
    expect((await lab.post(`/dma-sessions/${id}/unlock`)).status).toBe(200)
  })

  it('that does not end in its time is stopped, and says so', async () => {
    const lab = await openLab()
    await lab.take()
    await lab.playRecording(1)
    const { id } = await lab.lock()
    await lab.start(id, { byteLength: MiB, timeoutMs: 30 })
    const { body } = await lab.get<object>(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
    expect(body).toMatchObject({
      state: 'failed',
      failure: { code: 'PINLAB_TRANSFER_TIME_OUT', wdStatus: 'WD_TIME_OUT_EXPIRED' },
    })
  })
})

describe('two requests at once', () => {
  const outcomes = (answers: { status: number; body: { code?: string } }[]) =>
    answers.map(({ status, body }) => body.code ?? status).sort()

  it('for one board get one lease and one coded refusal', async () => {
    const lab = await openLab()
    const answers = await Promise.all([
      lab.post('/boards/sim0/lease'),
      lab.post('/boards/sim0/lease'),
    ])
    expect(outcomes(answers)).toEqual([201, 'PINLAB_LEASE_TAKEN'])
  })

  it('for one channel get one transfer and one coded refusal', async () => {
    const lab = await openLab()
    await lab.take()
    const { id } = await lab.lock()
    const start = () =>
      lab.post(`/dma-sessions/${id}/transfers`, {
        channel: 'c2h1',
        mode: 'cyclic',
        byteLength: MiB,
      })
    expect(outcomes(await Promise.all([start(), start()]))).toEqual([
      201,
      'PINLAB_TRANSFER_CHANNEL_BUSY',
    ])
  })

  it('to unlock one lock get one success and one coded refusal', async () => {
    const lab = await openLab()
    await lab.take()
    const { id } = await lab.lock()
    const unlock = () => lab.post(`/dma-sessions/${id}/unlock`)
    expect(outcomes(await Promise.all([unlock(), unlock()]))).toEqual([
      200,
      'PINLAB_SESSION_NOT_LOCKED',
    ])
    expect((await unlock()).body).toMatchObject({ wdStatus: 'WD_OPERATION_ALREADY_DONE' })
  })
})
