import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardDetail, BoardSummary } from '../../server/contract/overview.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { digitizer, large, lockedKiB, openLab, type TestLab } from '../support/test-lab.ts'

const MiB = 1024 * 1024
const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'

const lock = (body: object) => (lab: TestLab) =>
  lab.post('/boards/sim0/locks', {
    kind: 'scatterGather',
    byteLength: MiB,
    direction: 'fromDevice',
    ...large,
    ...body,
  })

const contiguous = { kind: 'contiguous', options: [], maxPages: undefined }

describe('a lock that cannot be', () => {
  it.each<[string, object, string]>([
    ['of 0 bytes', { byteLength: 0 }, 'PINLAB_LOCK_INVALID'],
    ['of 0 bytes, contiguous', { ...contiguous, byteLength: 0 }, 'PINLAB_LOCK_INVALID'],
    ['of a negative length', { byteLength: -1 }, 'PINLAB_REQUEST_INVALID'],
    ['of a length in text', { byteLength: '4096' }, 'PINLAB_REQUEST_INVALID'],
    ['of more than the board may have', { byteLength: 17 * MiB }, 'PINLAB_LOCK_LIMIT'],
    ['of more pages than its list holds', { maxPages: 2 }, 'PINLAB_LOCK_RESOURCES'],
    ['with maxPages but without LARGE_BUFFER', { options: [] }, 'PINLAB_LOCK_INVALID'],
    ['with LARGE_BUFFER but without maxPages', { maxPages: undefined }, 'PINLAB_LOCK_INVALID'],
    [
      'scatter/gather and KERNEL_BUFFER_ALLOC',
      { options: ['KERNEL_BUFFER_ALLOC'], maxPages: undefined },
      'PINLAB_LOCK_INVALID',
    ],
    [
      'with directions against each other',
      { options: ['TO_DEVICE', 'LARGE_BUFFER'] },
      'PINLAB_LOCK_INVALID',
    ],
    [
      'with an option that is not there yet',
      { ...contiguous, options: ['KBUF_BELOW_16M'] },
      'PINLAB_LOCK_NOT_IMPLEMENTED',
    ],
    ['with an unknown option', { options: ['FAST'] }, 'PINLAB_REQUEST_INVALID'],
    ['with an unknown field', { colour: 'red' }, 'PINLAB_REQUEST_INVALID'],
  ])('%s is refused, and nothing stays locked', async (_, body, code) => {
    const lab = await openLab()
    await lab.take()
    const before = lockedKiB()
    const answer = await lock(body)(lab)
    expect(answer.body).toMatchObject({
      code,
      detail: expect.any(String),
      requestId: expect.any(String),
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(lockedKiB()).toBe(before)
    const { body: board } = await lab.get<BoardDetail>('/boards/sim0')
    expect(board.status.sessions).toEqual([])
    expect((await lock({})(lab)).status).toBe(201)
  })

  it('is one too many for the lease', async () => {
    const lab = await openLab({ limits: { locksPerLease: 1 } })
    await lab.take()
    await lab.lock({ byteLength: 4096 })
    const { body } = await lock({ byteLength: 4096 })(lab)
    expect(body).toMatchObject({
      code: 'PINLAB_LOCK_LIMIT',
      wdStatus: 'WD_TOO_MANY_HANDLES',
      limit: 1,
    })
  })

  it('is one without a lease', async () => {
    const lab = await openLab()
    expect((await lock({})(lab)).body.code).toBe('PINLAB_LEASE_REQUIRED')
  })
})

describe('a transfer that cannot be', () => {
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
    const lab = await openLab()
    await lab.take()
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

describe('unlocking', () => {
  it('is refused with WD_TRY_AGAIN while a transfer runs, and works after it', async () => {
    const lab = await openLab()
    await lab.take()
    const { id } = await lab.lock()
    const { n } = await lab.start(id, { mode: 'cyclic', byteLength: MiB })
    const { status, body } = await lab.post(`/dma-sessions/${id}/unlock`)
    expect([status, body.code, body.wdStatus]).toEqual([409, 'PINLAB_LOCK_BUSY', 'WD_TRY_AGAIN'])
    await lab.post(`/dma-sessions/${id}/transfers/${n}/stop`)
    expect((await lab.post(`/dma-sessions/${id}/unlock`)).status).toBe(200)
  })
})

describe('what does not exist', () => {
  it.each([
    ['GET', '/boards/sim9', 'PINLAB_BOARD_UNKNOWN'],
    ['POST', '/boards/sim9/lease', 'PINLAB_BOARD_UNKNOWN'],
    ['POST', `/leases/${nobody}/release`, 'PINLAB_LEASE_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}`, 'PINLAB_SESSION_UNKNOWN'],
    ['POST', `/dma-sessions/${nobody}/unlock`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}/data`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', `/dma-sessions/${nobody}/transfers/1`, 'PINLAB_SESSION_UNKNOWN'],
    ['GET', '/dma-sessions/run-7', 'PINLAB_REQUEST_INVALID'],
    ['GET', '/nowhere', 'PINLAB_ROUTE_UNKNOWN'],
  ] as const)('%s %s has its code', async (method, url, code) => {
    const lab = await openLab()
    const { body, status } = await lab.send(method, url, method === 'POST' ? {} : undefined)
    expect([body.code, status >= 400 && status < 500]).toEqual([code, true])
  })
})

describe('a body that cannot be read', () => {
  const json = { 'content-type': 'application/json' }

  it.each([
    ['half of one', '{"kind":', json, 'PINLAB_REQUEST_MALFORMED'],
    ['none', '', json, 'PINLAB_REQUEST_MALFORMED'],
    [
      'a form',
      'kind=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'PINLAB_REQUEST_MEDIA_TYPE',
    ],
    ['a list', '[]', json, 'PINLAB_REQUEST_INVALID'],
    ['a very long one', `{"label":"${'x'.repeat(2 * MiB)}"}`, json, 'PINLAB_REQUEST_TOO_LARGE'],
  ])('%s is refused with its code', async (_, body, headers, code) => {
    const lab = await openLab()
    const answer = await lab.send('POST', '/boards/sim0/locks', body, headers)
    expect(answer.body.code).toBe(code)
  })

  it('is one from another site', async () => {
    const lab = await openLab()
    const foreign = await lab.send(
      'POST',
      '/boards/sim0/lease',
      {},
      { origin: 'https://elsewhere.example' },
    )
    expect(foreign.body.code).toBe('PINLAB_REQUEST_ORIGIN')
    const rebound = await lab.get('/boards', { host: 'elsewhere.example' })
    expect(rebound.body.code).toBe('PINLAB_REQUEST_ORIGIN')
    expect(
      (await lab.send('POST', '/boards/sim0/lease', {}, { origin: 'http://127.0.0.1' })).status,
    ).toBe(201)
  })
})

describe('registers', () => {
  const operate = (lab: TestLab, operation: object) =>
    lab.post<{ values: string[] }>('/boards/sim0/register-operations', { operations: [operation] })

  it.each<[string, object, string]>([
    ['an unknown one', { op: 'read', register: 'NOPE' }, 'PINLAB_REGISTER_UNKNOWN'],
    [
      "the driver's",
      { op: 'write', register: 'C2H1_CONTROL', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'one that is only read',
      { op: 'write', register: 'ID', value: '0x1' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a value that does not fit',
      { op: 'write', register: 'ADC_RATE', value: '0x100000000' },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a poll of one that clears',
      { op: 'pollUntil', register: 'IRQ_STATUS', mask: '0x1', value: '0x1', timeoutMs: 5 },
      'PINLAB_REGISTER_REFUSED',
    ],
    [
      'a poll in vain',
      { op: 'pollUntil', register: 'DROPPED', mask: '0xff', value: '0x7', timeoutMs: 5 },
      'PINLAB_REGISTER_TIME_OUT',
    ],
  ])('%s is refused', async (_, operation, code) => {
    const lab = await openLab()
    await lab.take()
    expect((await operate(lab, operation)).body.code).toBe(code)
  })

  it('are written and read back by name', async () => {
    const lab = await openLab()
    await lab.take()
    expect(
      (await operate(lab, { op: 'write', register: 'ADC_RATE', value: '0x1f4' })).body.values,
    ).toEqual(['0x1f4'])
    expect((await operate(lab, { op: 'read', register: 'ADC_RATE' })).body.values).toEqual([
      '0x1f4',
    ])
  })
})

describe('a board that cannot be opened', () => {
  it('is offline and says why, and the others work', async () => {
    const noWav = join(temporaryFolder(), 'notes.wav')
    writeFileSync(noWav, 'this is no recording')
    const broken = { ...digitizer, id: 'broken', config: { ...digitizer.config, recording: noWav } }
    const undriven = { ...digitizer, id: 'undriven', driver: 'magic' }
    const lab = await openLab({ boards: [broken, undriven, digitizer] })
    const { body } = await lab.get<{ items: BoardSummary[] }>('/boards')
    expect(body.items.map(({ id, status }) => [id, status.state])).toEqual([
      ['broken', 'offline'],
      ['undriven', 'offline'],
      ['sim0', 'ready'],
    ])
    expect(body.items[0]?.status.stateReason).toContain('notes.wav')
    expect((await lab.post('/boards/broken/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
  })
})
