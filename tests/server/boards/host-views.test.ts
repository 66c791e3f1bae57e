// Views of memory that a board writes meanwhile. The counter makes every frame of samples one more than the frame before, so a copy
// shows by itself whether it is of one piece.

import { describe, expect, it, onTestFinished } from 'vitest'
import type { SimulatedFault } from '../../../native/index.ts'
import type { HostViewFrame, HostViewRequest } from '../../../server/boards/device-host.ts'
import { LocalDeviceHost } from '../../../server/boards/local-device-host.ts'
import type { Trigger } from '../../../server/contract/live.ts'
import type { SimulatedBoardConfig } from '../../../server/lab-config.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { digitizer } from '../../support/test-lab.ts'

const KiB = 1024
const lockId = 'lock'
const leaseId = '01890a5d-0000-774b-bcce-b302099a8057'

const bytesView: HostViewRequest = {
  lockId,
  kind: 'bytes',
  offset: 0,
  byteLength: 1,
  follow: true,
  format: 'i16le',
  channels: 1,
  stride: 2,
  columns: 256,
  spectrumWindow: 'hann',
  trigger: null,
}
const sources = { sine: '0x0', counter: '0x400' }

async function openLab(
  byteLength: number,
  source: keyof typeof sources,
  ...faults: SimulatedFault[]
) {
  const clock = new FakeClock()
  const config = { ...digitizer.config, faults } as SimulatedBoardConfig['config']
  const host = await LocalDeviceHost.open([{ ...digitizer, config }], clock)
  onTestFinished(async () => {
    await host.stopBoard('sim0')
    await host.close()
  })
  const grant = { leaseId, deadline: clock.now() + 60_000 }
  await host.lock({
    lockId,
    grant,
    board: 'sim0',
    owner: 'ada',
    kind: 'scatterGather',
    byteLength,
    direction: 'toFromDevice',
    options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
    maxPages: 4096,
  })
  let transfers = 0
  const readerOf = async (view: Partial<HostViewRequest>) => {
    const { viewId } = await host.openView({ ...bytesView, ...view })
    return async () => {
      await nextTurn()
      return (await host.readView(viewId, 0)) as HostViewFrame
    }
  }
  return {
    host,
    /** At so many frames a second; 0 is as fast as can be. */
    async stream(
      ring: { offset: number; byteLength: number; blockByteLength: number },
      rate: number,
    ) {
      await host.operateRegisters('sim0', grant, [
        { op: 'write', register: 'ADC_CTRL', value: sources[source] },
        { op: 'write', register: 'ADC_RATE', value: `0x${rate.toString(16)}` },
      ])
      transfers += 1
      await host.startTransfer({
        grant,
        lockId,
        n: transfers,
        channel: 'c2h1',
        mode: 'cyclic',
        ...ring,
      })
    },
    async moveOnce(channel: string, offset: number, byteLength: number) {
      transfers += 1
      const n = transfers
      await host.startTransfer({ grant, lockId, n, channel, mode: 'once', offset, byteLength })
      while ((await host.transferProgress(lockId, n)).state === 'running') await nextTurn()
    },
    view: (offset: number, length: number, follow: boolean) =>
      readerOf({ offset, byteLength: length, follow }),
    /** A wave of one column for each sample. */
    wave: (trigger: Trigger, samples: number) =>
      readerOf({
        kind: 'wave',
        channels: 2,
        stride: 4,
        columns: samples,
        byteLength: samples * 4,
        trigger,
      }),
    async pages(offset: number, byteLength: number) {
      const read = await readerOf({ kind: 'pages', offset, byteLength, follow: false })
      return async () => [...(await read()).bytes]
    },
    write: (offset: number, value: number) =>
      host.writeBytes(grant, lockId, offset, new Uint8Array([value])),
    async untilBlocks(count: number) {
      while ((await host.transferProgress(lockId, transfers)).blocksCompleted < count)
        await nextTurn()
    },
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

function isOfOnePiece({ bytes }: HostViewFrame): boolean {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return words.every((word, index) => index === 0 || word === ((words[index - 1] ?? 0) + 1) >>> 0)
}

describe('a view of a ring that the board fills', () => {
  it('never shows a copy as whole that the board wrote into, and flags those', async () => {
    // Two blocks: the board comes back to the one that is shown as soon as it has filled the other.
    const blockByteLength = 256 * KiB
    const lab = await openLab(2 * blockByteLength, 'counter')
    await lab.stream({ offset: 0, byteLength: 2 * blockByteLength, blockByteLength }, 0)
    await lab.untilBlocks(2)
    const read = await lab.view(0, blockByteLength, true)
    const seen = { whole: 0, flaggedAndBroken: 0 }
    while (seen.whole < 50 || seen.flaggedAndBroken < 5) {
      const frame = await read()
      const ofOnePiece = isOfOnePiece(frame)
      if (!frame.torn && !ofOnePiece) expect.fail('a torn copy was shown as whole')
      if (!frame.torn) seen.whole += 1
      else if (!ofOnePiece) seen.flaggedAndBroken += 1
    }
  })

  it('shows the last completed block, as the board wrote it', async () => {
    const blockByteLength = 16 * KiB
    const lab = await openLab(8 * blockByteLength, 'counter')
    await lab.stream({ offset: 0, byteLength: 8 * blockByteLength, blockByteLength }, 1_000_000)
    await lab.untilBlocks(1)
    const read = await lab.view(0, blockByteLength, true)
    const blocks = new Set<number>()
    while (blocks.size < 20) {
      const frame = await read()
      if (frame.torn) continue
      const first = new DataView(frame.bytes.buffer, frame.bytes.byteOffset).getUint32(0, true)
      expect(first * 4).toBe(frame.bytesCompleted - blockByteLength)
      expect(isOfOnePiece(frame)).toBe(true)
      blocks.add(first)
    }
  })

  it('flags what the board writes also where the view follows another transfer', async () => {
    const [ring, rest] = [{ offset: 0, byteLength: 128 * KiB, blockByteLength: 64 * KiB }, 64 * KiB]
    const lab = await openLab(ring.byteLength + rest, 'counter')
    const written = await lab.view(0, ring.byteLength, true)
    const beside = await lab.view(ring.byteLength, rest, true)
    await lab.stream(ring, 0)
    await lab.moveOnce('h2c0', ring.byteLength, rest)
    expect((await written()).torn).toBe(true)
    expect((await beside()).torn).toBe(false)
    await lab.host.stopTransfer(lockId, 1)
    expect((await written()).torn).toBe(false)
  })

  it('flags what it cannot vouch for when the board no longer tells how far it came', async () => {
    const blockByteLength = 64 * KiB
    const ring = { offset: 0, byteLength: 4 * blockByteLength, blockByteLength }
    // In the middle of a lap that is not the first: one block is of two laps.
    const lab = await openLab(ring.byteLength, 'counter', {
      kind: 'linkLost',
      channel: 'c2h1',
      skip: 1000,
    })
    await lab.stream(ring, 0)
    const whole = await lab.view(0, ring.byteLength, false)
    const last = await lab.view(0, blockByteLength, true)
    let isRunning = true
    while (isRunning) {
      const frame = await whole()
      if (!isOfOnePiece(frame)) expect(frame.torn).toBe(true)
      isRunning = (await lab.host.transferProgress(lockId, 1)).state === 'running'
    }
    expect([(await whole()).torn, (await last()).torn]).toEqual([true, true])
  })
})

describe('a wave with a trigger', () => {
  const samples = 256
  const trigger: Trigger = {
    channel: 0,
    level: 1000,
    edge: 'rising',
    hysteresis: 500,
    holdOff: 0,
    position: 0.25,
    mode: 'normal',
  }
  /** Of the trigger's channel. */
  const valuesOf = ({ bytes }: HostViewFrame) => {
    const columns = new Float32Array(bytes.buffer, bytes.byteOffset, samples * 4)
    return columns.filter((_, index) => index % 4 === 0)
  }

  async function openSine() {
    const blockByteLength = 16 * KiB
    const ring = { offset: 0, byteLength: 4 * blockByteLength, blockByteLength }
    const lab = await openLab(ring.byteLength, 'sine')
    await lab.stream(ring, 1_000_000)
    await lab.untilBlocks(1)
    return lab
  }

  it('of a sine that runs stands still: each frame meets the level at the same place', async () => {
    const lab = await openSine()
    const read = await lab.wave(trigger, samples)
    const places = new Map<number, number>()
    while (places.size < 20) {
      const frame = await read()
      if (frame.torn) continue
      const values = valuesOf(frame)
      const [before, at] = [values[63] as number, values[64] as number]
      expect(before).toBeLessThan(trigger.level)
      expect(at).toBeGreaterThanOrEqual(trigger.level)
      expect(frame.triggerAhead).toBeCloseTo((at - trigger.level) / (at - before), 4)
      expect(frame.byteLength).toBe(samples * 4)
      places.set(frame.bytesCompleted, frame.offset)
    }
    expect(new Set(places.values()).size).toBeGreaterThan(1)
  })

  it('beyond its reach waits, and in mode auto shows it all the same', async () => {
    const lab = await openSine()
    const far = { ...trigger, level: 32_767, hysteresis: 0 }
    const [normal, auto] = [
      await lab.wave(far, samples),
      await lab.wave({ ...far, mode: 'auto' }, samples),
    ]
    let frame: HostViewFrame | 'waiting' = await auto()
    while ((frame as unknown) === 'waiting') frame = await auto()
    expect(frame).toMatchObject({ triggerAhead: null, byteLength: samples * 4 })
    expect(await normal()).toBe('waiting')
  })
})

describe('a view of pages', () => {
  it('says since how many of its own looks each has not changed', async () => {
    const lab = await openLab(64 * KiB, 'counter')
    const look = await lab.pages(4 * KiB, 12 * KiB)
    expect(await look()).toEqual([255, 255, 255])
    await lab.write(4 * KiB - 1, 1)
    await lab.write(12 * KiB, 1)
    const other = await lab.pages(4 * KiB, 12 * KiB)
    expect(await look()).toEqual([255, 255, 0])
    await lab.moveOnce('c2h0', 8 * KiB, 4 * KiB)
    expect(await look()).toEqual([255, 255, 1])
    await lab.stream({ offset: 0, byteLength: 8 * KiB, blockByteLength: 4 * KiB }, 0)
    await lab.untilBlocks(20)
    expect((await look()).slice(1)).toEqual([255, 2])
    expect(await other()).toEqual([255, 255, 255])
  })
})
