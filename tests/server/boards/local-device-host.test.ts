import { describe, expect, it, onTestFinished } from 'vitest'
import type { HostEvent, HostLockRequest } from '../../../server/boards/device-host.ts'
import { LocalDeviceHost } from '../../../server/boards/local-device-host.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { digitizer } from '../../support/test-lab.ts'

const MiB = 1024 * 1024
const older = '01890a5d-0000-774b-bcce-b302099a8057'
const newer = '01890a5d-1111-774b-bcce-b302099a8057'
const ended = expect.objectContaining({ code: 'PINLAB_LEASE_ENDED' })

async function openHost() {
  const clock = new FakeClock()
  const host = await LocalDeviceHost.open([digitizer], clock)
  onTestFinished(() => host.close())
  const events: HostEvent[] = []
  host.subscribe((event) => events.push(event))
  const grant = (leaseId: string) => ({ leaseId, deadline: clock.now() + 60_000 })
  const lock = (lockId: string, leaseId: string) =>
    host.lock({ ...request, lockId, grant: grant(leaseId) })
  const stream = (lockId: string, leaseId: string) =>
    host.startTransfer({
      grant: grant(leaseId),
      lockId,
      n: 1,
      channel: 'c2h1',
      mode: 'cyclic',
      offset: 0,
      byteLength: MiB,
      blockByteLength: 65_536,
    })
  return { host, clock, events, grant, lock, stream }
}

const request: Omit<HostLockRequest, 'grant' | 'lockId'> = {
  board: 'sim0',
  owner: 'ada',
  kind: 'scatterGather',
  byteLength: MiB,
  direction: 'fromDevice',
  options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
  maxPages: 4096,
}

describe('the device host', () => {
  it('refuses a lease that is older than the newest it has seen, and one that was withdrawn', async () => {
    const { host, lock } = await openHost()
    await lock('a', newer)
    await expect(lock('b', older)).rejects.toEqual(ended)
    await host.withdraw('sim0', newer)
    await expect(lock('c', newer)).rejects.toEqual(ended)
  })

  it('does no more of a batch of registers when its lease is over', async () => {
    const { host, grant } = await openHost()
    const never = { register: 'DROPPED', mask: '0xff', value: '0x7', timeoutMs: 10_000 }
    const batch = host.operateRegisters('sim0', grant(newer), [
      { op: 'pollUntil', ...never },
      { op: 'write', register: 'AMPLITUDE', value: '0x7' },
    ])
    const refused = expect(batch).rejects.toEqual(ended)
    await host.withdraw('sim0', newer)
    await refused
  })

  it('stops the board by itself at the deadline, tells so, and takes no more from that lease', async () => {
    const { host, clock, events, grant, lock, stream } = await openHost()
    await lock('a', newer)
    await stream('a', newer)
    const before = grant(newer)
    await clock.advance(60_000)
    expect(events).toContainEqual({ type: 'deadline', board: 'sim0', leaseId: newer })
    expect((await host.transferProgress('a', 1)).state).toBe('stopped')
    const late = { pattern: 'zero', seed: 1, offset: 0, byteLength: MiB } as const
    await expect(host.fill(before, 'a', late)).rejects.toEqual(ended)
    await host.unlock('a')
  })

  it('goes on until the deadline that a renewal names, also for calls that set out before it', async () => {
    const { host, clock, events, grant, lock, stream } = await openHost()
    await lock('a', newer)
    await stream('a', newer)
    const before = grant(newer)
    await host.renew('sim0', { leaseId: newer, deadline: before.deadline + 60_000 })
    await host.fill(before, 'a', { pattern: 'zero', seed: 1, offset: 0, byteLength: 64 })
    await clock.advance(60_000)
    expect((await host.transferProgress('a', 1)).state).toBe('running')
    await host.fill(before, 'a', { pattern: 'zero', seed: 1, offset: 0, byteLength: 64 })
    expect(events.filter(({ type }) => type === 'deadline')).toEqual([])
    await clock.advance(60_000)
    await clock.advance(1000)
    expect(events.filter(({ type }) => type === 'deadline')).toHaveLength(1)
    expect((await host.transferProgress('a', 1)).state).toBe('stopped')
    await host.unlock('a')
  })

  it('lets a lease go on that was extended just when its deadline passed', async () => {
    const { host, clock, grant, lock } = await openHost()
    await lock('a', newer)
    const { deadline } = grant(newer)
    await clock.advance(60_000)
    await host.renew('sim0', { leaseId: newer, deadline: deadline + 60_000 })
    await lock('b', newer)
    for (const id of ['a', 'b']) await host.unlock(id)
  })

  it('is renewed by no lease that is older, withdrawn or over', async () => {
    const { host, clock, grant, lock } = await openHost()
    await lock('a', newer)
    await expect(host.renew('sim0', grant(older))).rejects.toEqual(ended)
    const over = { leaseId: newer, deadline: clock.now() + 60_000 }
    await clock.advance(60_000)
    await expect(host.renew('sim0', over)).rejects.toEqual(ended)
    await host.withdraw('sim0', newer)
    await expect(host.renew('sim0', grant(newer))).rejects.toEqual(ended)
    await host.unlock('a')
  })

  it('takes access away without a lease: stop and unlock need none', async () => {
    const { host, lock, stream } = await openHost()
    await lock('a', newer)
    await stream('a', newer)
    await host.withdraw('sim0', newer)
    expect((await host.stopTransfer('a', 1)).state).toBe('stopped')
    await host.unlock('a')
    await expect(host.readBytes('a', { offset: 0, byteLength: 16 })).rejects.toEqual(
      expect.objectContaining({ code: 'PINLAB_SESSION_NOT_LOCKED' }),
    )
  })
})
