import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { DriverTransfer } from '../../../server/drivers/board-driver.ts'
import { deviceOf, lockPages, openDriver, startOf } from './real-device.ts'

const slot = 2048
const ringSlots = 2048
const address = deviceOf('PINLAB_TEST_E1000E')
/** Somebody outside looks into this folder for what is waited for, and sends it: tests/hardware/frame-wishes.ts. */
const wishes = process.env.PINLAB_TEST_FRAME_WISHES

/** Asks for numbered frames; resolves when none has come for a while. */
async function receive(transfer: DriverTransfer, wish: string) {
  writeFileSync(join(wishes ?? '', wish), '')
  for (let before = -1, idle = 0; idle < 40; await sleep(100)) {
    const { blocksCompleted } = transfer.progress()
    idle = blocksCompleted === before && before > 0 ? idle + 1 : 0
    before = blocksCompleted
  }
  return transfer.stop()
}

describe.skipIf(address === null)('the e1000e driver on a device', () => {
  it('says what the card is', async () => {
    const { identity, driver } = await openDriver('e1000e', address)
    expect(identity).toMatchObject({ model: 'Intel 82574L', buildId: '52:54:00:12:34:56' })
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
  })

  it('refuses memory that has no room for whole frames', async () => {
    const { card, driver } = await openDriver('e1000e', address, { fragmentation: 1 })
    const odd = await lockPages(card, 64 * slot, 1024)
    const ring = { mode: 'cyclic', blockByteLength: slot } as const
    const wanted = [
      startOf('c2h0', odd, ring),
      startOf('c2h0', odd, { ...ring, byteLength: 9 * slot }),
      startOf('c2h0', odd, { byteLength: 1000 }),
    ]
    for (const start of wanted) {
      await expect(driver.start(start)).rejects.toMatchObject({ code: 'ALIGNMENT' })
    }
  })

  it('stops a ring that nothing comes into, and ends one at a reset and at its time limit', async () => {
    const { card, driver } = await openDriver('e1000e', address, { fragmentation: 1 })
    const lock = await lockPages(card, 64 * slot)
    const ring = { mode: 'cyclic', blockByteLength: slot } as const
    const quiet = await driver.start(startOf('c2h0', lock, ring))
    await expect(driver.start(startOf('c2h0', lock, ring))).rejects.toMatchObject({ code: 'BUSY' })
    expect(await quiet.stop()).toMatchObject({ state: 'stopped', overruns: 0 })
    const cut = await driver.start(startOf('c2h0', lock, ring))
    await driver.reset()
    expect(await cut.ended).toMatchObject({ state: 'failed', error: { code: 'BOARD_FAULT' } })
    const late = await driver.start(startOf('c2h0', lock, { timeoutMs: 50 }))
    expect(await late.ended).toMatchObject({ state: 'failed', error: { code: 'TIMED_OUT' } })
    await lock.unlock()
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
  })

  describe.skipIf(!wishes)('with frames from outside', () => {
    it('receives paced frames without loss, each with its length and number', async () => {
      const { card, driver } = await openDriver('e1000e', address, { fragmentation: 1 })
      const lock = await lockPages(card, ringSlots * slot)
      const ring = { mode: 'cyclic', blockByteLength: slot } as const
      const transfer = await driver.start(startOf('c2h0', lock, ring))
      const outcome = await receive(transfer, 'paced')
      console.log(`paced: ${outcome.blocksCompleted} frames, ${outcome.overruns} missing`)
      expect(outcome).toMatchObject({ state: 'stopped', blocksCompleted: 20_000, overruns: 0 })
      const view = new DataView(lock.userBytes.buffer, lock.userBytes.byteOffset, lock.byteLength)
      for (let number = 20_000 - ringSlots; number < 20_000; number++) {
        const at = (number % ringSlots) * slot
        const trailer = [view.getUint32(at + 2040, true), view.getUint32(at + 2044, true)]
        expect([...trailer, view.getUint32(at + 14)]).toEqual([1400, number, number])
        expect(lock.userBytes[at + 1399]).toBe(number & 0xff)
      }
    })

    it('counts what is missing of frames that come too fast', async () => {
      const { card, driver } = await openDriver('e1000e', address)
      const lock = await lockPages(card, ringSlots * slot)
      const ring = { mode: 'cyclic', blockByteLength: slot } as const
      const transfer = await driver.start(startOf('c2h0', lock, ring))
      const { blocksCompleted, overruns } = await receive(transfer, 'unpaced')
      console.log(`unpaced: ${blocksCompleted} frames, ${overruns} missing`)
      expect(blocksCompleted + overruns).toBe(20_000)
    })

    it('fills a range once', async () => {
      const { card, driver } = await openDriver('e1000e', address, { fragmentation: 1 })
      const lock = await lockPages(card, 300 * slot)
      const transfer = await driver.start(startOf('c2h0', lock))
      writeFileSync(join(wishes ?? '', 'once'), '')
      expect(await transfer.ended).toMatchObject({ state: 'done', bytesCompleted: 300 * slot })
      const view = new DataView(lock.userBytes.buffer, lock.userBytes.byteOffset, lock.byteLength)
      expect(view.getUint32(299 * slot + 2044, true)).toBe(299)
    })
  })
})
