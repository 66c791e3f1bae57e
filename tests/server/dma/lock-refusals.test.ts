import { describe, expect, it } from 'vitest'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import { large, lockedKiB, openLab, type TestLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024

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
      'with an option that user space cannot have',
      { ...contiguous, options: ['RESERVED_MEM'] },
      'PINLAB_LOCK_NOT_IMPLEMENTED',
    ],
    [
      'without bytes that a session could show',
      { ...contiguous, options: ['KERNEL_ONLY_MAP'] },
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
