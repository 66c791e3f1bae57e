import { beforeAll, describe, expect, it } from 'vitest'
import type { DmaSession } from '../../../server/contract/dma-session.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import { large, lockedKiB, openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

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
  const shared = sharedLab()
  beforeAll(() => shared().take())

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
    ['with an address width and memory of its caller', { addressWidth: 28 }, 'PINLAB_LOCK_INVALID'],
    [
      'with the option for an address width but none',
      { ...contiguous, options: ['KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH'] },
      'PINLAB_LOCK_INVALID',
    ],
    [
      'with an address width that nothing fits in',
      { ...contiguous, addressWidth: 12 },
      'PINLAB_LOCK_RESOURCES',
    ],
    ['with no address bits', { ...contiguous, addressWidth: 0 }, 'PINLAB_REQUEST_INVALID'],
    ['with 65 address bits', { ...contiguous, addressWidth: 65 }, 'PINLAB_REQUEST_INVALID'],
    ['with half an address bit', { ...contiguous, addressWidth: 27.5 }, 'PINLAB_REQUEST_INVALID'],
    ['with address bits in text', { ...contiguous, addressWidth: '28' }, 'PINLAB_REQUEST_INVALID'],
    ['with an unknown option', { options: ['FAST'] }, 'PINLAB_REQUEST_INVALID'],
    ['with an unknown field', { colour: 'red' }, 'PINLAB_REQUEST_INVALID'],
  ])('%s is refused, and nothing stays locked', async (_, body, code) => {
    const lab = shared()
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
    const { id } = await lab.lock()
    expect((await lab.post(`/dma-sessions/${id}/unlock`)).status).toBe(200)
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

describe('an address width', () => {
  it('limits the addresses, and is recorded with its option', async () => {
    const lab = await openLab()
    await lab.take()
    const made = await lock({ ...contiguous, addressWidth: 24 })(lab)
    expect(made.status).toBe(201)
    const { body: session } = await lab.get<DmaSession>(
      `/dma-sessions/${(made.body as unknown as DmaSession).id}`,
    )
    expect(session).toMatchObject({
      options: ['KERNEL_BUFFER_ALLOC', 'FROM_DEVICE', 'KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH'],
      addressWidth: 24,
      state: 'locked',
    })
    const [page] = session.pages
    expect(BigInt(page?.address ?? 0) + BigInt(MiB) <= 1n << 24n).toBe(true)
    const events = await lab.database.reader.auditEvent.findMany({
      where: { type: 'dma.lock.requested' },
    })
    expect(JSON.parse(events[0]?.payload ?? '').detail).toMatchObject({ addressWidth: 24 })
  })

  it('is recorded of a lock that could not be had, and absent where none was asked for', async () => {
    const lab = await openLab()
    await lab.take()
    await lock({ ...contiguous, addressWidth: 12 })(lab)
    await lock({})(lab)
    const { body } = await lab.get<{ items: DmaSession[] }>('/dma-sessions')
    expect(body.items.map(({ state, addressWidth }) => [state, addressWidth])).toEqual([
      ['locked', null],
      ['failed', 12],
    ])
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
