// The network card's driver in the guest, fed with frames from here: what is paced arrives whole, and what is not is counted.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { numberedFrame, sendPaced } from './frames.ts'
import { bootGuest, type Guest } from './guest/guest.ts'
import { requireGuest } from './guest/prepare.ts'
import { vitestInside } from './vitest-inside.ts'

const frameByteLength = 1400
const frames = 20_000
/** Sent every 5 ms. The socket between here and the card holds about 90, for as long as a busy machine keeps QEMU waiting. */
const burst = 10

describe.skipIf(requireGuest() === null)('the e1000e driver in the guest', () => {
  let guest: Guest

  beforeAll(async () => {
    guest = await bootGuest({ boards: ['e1000e'] })
  })

  afterAll(() => guest?.end())

  it('receives what is sent from outside', async () => {
    const vitest = vitestInside(['server'], ['tests/server/drivers/e1000e.vfio'])
    const inside = guest.run(`mkdir /tmp/wishes; PINLAB_TEST_FRAME_WISHES=/tmp/wishes ${vitest}`)
    const over = inside.then(() => true)
    const wish = async (name: string) => {
      while ((await guest.run(`test -e /tmp/wishes/${name}`)).exitCode !== 0) {
        if (await Promise.race([over, sleep(200, false)])) return false
      }
      return true
    }
    if (await wish('paced')) await sendPaced(guest, frames, filled, burst)
    if (await wish('unpaced')) await sendUnpaced(guest)
    if (await wish('once')) await sendPaced(guest, 300, filled, burst)
    const { exitCode, output } = await inside
    const said = output.toString()
    process.stdout.write(`${said.match(/^.*paced: .*$/gm)?.join('\n')}\n`)
    expect(exitCode, said).toBe(0)
  }, 300_000)
})

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
