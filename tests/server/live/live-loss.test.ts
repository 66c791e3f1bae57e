// Loss is never hidden, on a real board: what a page that hardly paints says it missed is what was made and did not come, and data that
// the board dropped is flagged whenever its own count, DROPPED, has grown.

import { expect, it, onTestFinished } from 'vitest'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import { frameFlags } from '../../../server/contract/frame.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { connectLive, listen } from '../../support/live-url.ts'
import { SlowPage } from '../../support/slow-page.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const ring = 1024 * KiB
const block = 16 * KiB
/** Frames a second: the ring comes round in 2.6 s, and faster than its FIFO can be emptied. */
const calm = 100_000
const overdriven = 0xffff_ffff

interface Viewers {
  lab: TestLab
  fast: LiveClient
  slow: SlowPage
}

/** Two of the same stream: one acknowledges what it gets, the other when the test lets it paint. */
async function streamTo(): Promise<Viewers & { session: string }> {
  const lab = await openLab()
  await lab.take()
  await lab.playRecording(calm)
  const { id: session } = await lab.lock({ byteLength: ring })
  const fast = await connectLive(lab)
  const view = { session, kind: 'bytes' as const, offset: 0, byteLength: block, maxFps: 60 }
  fast.send({ op: 'view', id: 1, ...view })
  const { stream } = await fast.message('opened', 1)
  const slow = new SlowPage(`ws://${await listen(lab)}/api/v1/live`, lab.person.token)
  onTestFinished(() => slow.close())
  const whole = { follow: true, format: 'i16le' as const, channels: 1, columns: 1024 }
  slow.view({ ...view, ...whole })
  fast.socket.on('message', () => {
    const newest = fast.frames.at(-1)
    if (newest) fast.ack(stream, newest.seq)
  })
  await slow.paint()
  await lab.start(session, { mode: 'cyclic', byteLength: ring, blockByteLength: block })
  return { lab, fast, slow, session }
}

async function setRate(lab: TestLab, rate: number): Promise<void> {
  const write = { op: 'write', register: 'ADC_RATE', value: `0x${rate.toString(16)}` }
  await lab.post('/boards/sim0/register-operations', { operations: [write] })
}

async function dropped(lab: TestLab): Promise<number> {
  const operations = [{ op: 'read', register: 'DROPPED' }]
  const { body } = await lab.post<{ values: string[] }>('/boards/sim0/register-operations', {
    operations,
  })
  return Number(body.values[0])
}

/** So many more come to the fast viewer. */
async function framesCome(fast: LiveClient, count: number): Promise<void> {
  const before = fast.frames.length
  await expect.poll(() => fast.frames.length, { timeout: 30_000 }).toBeGreaterThan(before + count)
}

const overruns = ({ frames }: LiveClient) =>
  frames.filter(({ flags }) => flags & frameFlags.overrun).length

it('a page that hardly paints counts what was made and did not reach its screen', async () => {
  const { lab, fast, slow, session } = await streamTo()
  for (let pictures = 0; pictures < 4; pictures++) {
    await framesCome(fast, 8)
    await slow.paint()
  }
  const made = (frames: { seq: number }[]) => (frames.at(-1)?.seq ?? 0) - (frames[0]?.seq ?? 0) + 1
  // Made and not sent; and sent, but another picture was painted in its place.
  const pictures = slow.received.filter(({ hasPicture }) => hasPicture).length
  const replaced = pictures - slow.paintedPictures
  expect(slow.skipped).toBe(made(slow.received) - slow.received.length + replaced)
  expect(slow.skipped).toBeGreaterThan(20)

  await lab.post(`/dma-sessions/${session}/transfers/1/stop`)
  // A frame comes each second though nothing changes; between two of them all counts are of the same frames.
  const difference = async () => {
    await slow.paint()
    const missedByFast = made(fast.frames) - fast.frames.length
    const missedBySlow = made(slow.received) - slow.received.length
    return (await skippedByServer(lab)) - (missedBySlow + missedByFast)
  }
  await expect.poll(difference, { timeout: 30_000 }).toBe(0)
})

async function skippedByServer(lab: TestLab): Promise<number> {
  const { payload } = await lab.app.inject({
    url: '/metrics',
    headers: { host: '127.0.0.1', authorization: `Bearer ${lab.person.token}` },
  })
  return Number(/^pinlab_live_frames_skipped_total (\d+)$/m.exec(payload)?.[1])
}

it('data that the board dropped is flagged to everybody, and only then', async () => {
  const { lab, fast, slow, session } = await streamTo()
  await framesCome(fast, 10)
  expect({ dropped: await dropped(lab), flagged: overruns(fast) }).toEqual({
    dropped: 0,
    flagged: 0,
  })

  for (let bursts = 0; bursts < 2; bursts++) {
    const before = { dropped: await dropped(lab), flagged: overruns(fast) }
    slow.overrun = false
    await setRate(lab, overdriven)
    await expect.poll(() => dropped(lab), { timeout: 30_000 }).toBeGreaterThan(before.dropped)
    await expect.poll(() => overruns(fast), { timeout: 30_000 }).toBeGreaterThan(before.flagged)
    await setRate(lab, calm)
    for (let pictures = 0; pictures < 3; pictures++) await slow.paint()
    expect(slow.overrun).toBe(true)
  }

  // The board has caught up: what it dropped is told, and nothing more.
  let settled = { dropped: -1, flagged: -1 }
  await expect
    .poll(
      async () => {
        await framesCome(fast, 3)
        const now = { dropped: await dropped(lab), flagged: overruns(fast) }
        const isSettled = now.dropped === settled.dropped && now.flagged === settled.flagged
        settled = now
        return isSettled
      },
      { timeout: 30_000 },
    )
    .toBe(true)
  slow.overrun = false
  await framesCome(fast, 10)
  for (let pictures = 0; pictures < 3; pictures++) await slow.paint()
  expect({ dropped: await dropped(lab), flagged: overruns(fast) }).toEqual(settled)
  await lab.post(`/dma-sessions/${session}/transfers/1/stop`)
})

it('data that was lost after the newest frame is told with the last one', async () => {
  const { lab, fast, slow, session } = await streamTo()
  await framesCome(fast, 3)
  fast.socket.close()
  // With two frames on their way to a page that does not paint, the memory is not read any more.
  await slow.paint()
  await expect.poll(() => slow.received.length - slow.painted.length).toBeGreaterThan(1)
  const { body } = await lab.get<Transfer>(`/dma-sessions/${session}/transfers/1`)
  expect(body.overruns).toBe(0)
  await setRate(lab, overdriven)
  await expect.poll(() => dropped(lab), { timeout: 30_000 }).toBeGreaterThan(0)
  await lab.post(`/dma-sessions/${session}/transfers/1/stop`)
  await lab.post(`/dma-sessions/${session}/unlock`)
  await slow.paint()
  const ended = () => ((slow.painted.at(-1)?.flags ?? 0) & frameFlags.last) !== 0
  await expect.poll(ended, { timeout: 30_000 }).toBe(true)
  expect(slow.overrun).toBe(true)
})
