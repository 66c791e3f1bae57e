// Sends the network card what its tests inside the guest wish for: what is paced arrives whole, and what is not is counted. See
// tests/server/drivers/e1000e.vfio.test.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import { numberedFrame, sendPaced } from './frames.ts'
import type { Guest } from './guest/guest.ts'

const frameByteLength = 1400
const frames = 20_000
/** Sent every 5 ms. The socket between here and the card holds about 90, for as long as a busy machine keeps QEMU waiting. */
const burst = 10

/** The tests before those with wishes take a minute or two. */
const longestWaitMs = 1_200_000

/** In the guest; a test makes a file there that is named like its wish. */
export const wishFolder = '/tmp/wishes'

/** Serves the wishes, in the order in which the tests have them, until `over`. */
export async function serveFrameWishes(guest: Guest, over: Promise<unknown>): Promise<void> {
  const isOver = over.then(
    () => true,
    () => true,
  )
  const serve = async (wish: string, send: () => Promise<void>) => {
    // One command waits: each that is begun takes its time from the tests.
    const waiting = guest.run(`until [ -e ${wishFolder}/${wish} ]; do sleep 0.3; done`, {
      timeoutMs: longestWaitMs,
    })
    const isInVain = waiting.then(
      () => false,
      () => true,
    )
    if (!(await Promise.race([isOver, isInVain]))) await send()
  }
  await serve('paced', () => sendPaced(guest, frames, filled, burst))
  await serve('unpaced', () => sendUnpaced(guest))
  await serve('once', () => sendPaced(guest, 300, filled, burst))
}

const filled = (number: number) =>
  numberedFrame(number, new Uint8Array(frameByteLength - 18).fill(number & 0xff))

/** The last ones come with time, so that the numbers tell of every loss before them. */
async function sendUnpaced(guest: Guest): Promise<void> {
  const fast = frames - 40
  for (let from = 0; from < fast; from += 1000) {
    const burst = Array.from({ length: Math.min(1000, fast - from) }, (_, index) => from + index)
    await Promise.all(burst.map((number) => guest.sendFrame(filled(number))))
  }
  await sleep(1000)
  await sendPaced(guest, 40, (number) => filled(fast + number), burst)
}
