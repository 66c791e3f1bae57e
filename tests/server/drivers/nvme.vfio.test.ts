import { describe, expect, it } from 'vitest'
import { type DmaLock, fillPattern } from '../../../native/index.ts'
import type { BoardDriver } from '../../../server/drivers/board-driver.ts'
import { deviceOf, lockPages, openDriver, startOf } from './real-device.ts'

const MiB = 1024 * 1024
const address = deviceOf('PINLAB_TEST_NVME')

async function run(driver: BoardDriver, ...request: Parameters<typeof startOf>) {
  return (await driver.start(startOf(...request))).ended
}

/** From what is in memory now to memory that was zeroed, over the disk. */
async function thereAndBack(driver: BoardDriver, out: DmaLock, back: DmaLock) {
  await fillPattern(out.userBytes, 'random', 9)
  expect(await run(driver, 'h2c0', out)).toMatchObject({
    state: 'done',
    bytesCompleted: out.byteLength,
  })
  back.userBytes.fill(0)
  expect(await run(driver, 'c2h0', back)).toMatchObject({
    state: 'done',
    bytesCompleted: back.byteLength,
  })
  expect(Buffer.compare(back.userBytes, out.userBytes)).toBe(0)
}

describe.skipIf(address === null)('the NVMe driver on a device', () => {
  it('says what the disk is', async () => {
    const { identity, driver } = await openDriver('nvme', address)
    expect(identity.model).toMatch(/^QEMU NVMe Ctrl, \d+ blocks of 512 bytes$/)
    expect(driver.channels).toMatchObject([
      { id: 'h2c0', byteLengthMultiple: 512, deviceBlockByteLength: 512, unavailable: null },
      { id: 'c2h0' },
    ])
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
  })

  it('writes 64 MiB from pages that are not adjacent, and reads them back into others', async () => {
    const { card, driver } = await openDriver('nvme', address, { fragmentation: 1 })
    const out = await lockPages(card, 64 * MiB)
    const back = await lockPages(card, 64 * MiB)
    expect(out.pages.length).toBe((64 * MiB) / 4096)
    const startedAt = performance.now()
    await thereAndBack(driver, out, back)
    console.log(`2 x 64 MiB in ${Math.round(performance.now() - startedAt)} ms`)
  })

  it.each([1, 4, 100, 2049, 4095])(
    'works with memory that begins at byte %i of a page',
    async (offset) => {
      const { card, driver } = await openDriver('nvme', address, { fragmentation: 1 })
      const out = await lockPages(card, 2 * MiB + 512, offset)
      const back = await lockPages(card, 2 * MiB + 512, 4096 - offset)
      await thereAndBack(driver, out, back)
    },
  )

  it('works with runs of many pages, and with single blocks', async () => {
    const { card, driver } = await openDriver('nvme', address)
    await thereAndBack(driver, await lockPages(card, 3 * MiB), await lockPages(card, 3 * MiB, 8))
    await thereAndBack(driver, await lockPages(card, 512), await lockPages(card, 512, 4000))
  })

  it('counts device addresses in blocks', async () => {
    const { card, driver } = await openDriver('nvme', address)
    const lock = await card.lockContiguous(4096)
    await fillPattern(lock.userBytes, 'random', 11)
    const third = Buffer.from(lock.userBytes.slice(1024, 1536))
    expect((await run(driver, 'h2c0', lock, { deviceAddress: 1000n })).state).toBe('done')
    lock.userBytes.fill(0)
    const block = { byteLength: 512, offset: 512, deviceAddress: 1002n }
    expect((await run(driver, 'c2h0', lock, block)).state).toBe('done')
    expect(third.equals(lock.userBytes.slice(512, 1024))).toBe(true)
  })

  it('does not write to a board that is not writable, and still reads it', async () => {
    const { card, driver } = await openDriver('nvme', address, { writable: false })
    const lock = await card.lockContiguous(4096)
    await expect(driver.start(startOf('h2c0', lock))).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(driver.channels[0]?.unavailable).toMatch(/writable/)
    expect((await run(driver, 'c2h0', lock)).state).toBe('done')
  })

  it('refuses blocks past the end', async () => {
    const { card, driver } = await openDriver('nvme', address)
    const lock = await card.lockContiguous(4096)
    const { deviceByteLength } = driver.channels[1] ?? {}
    const last = BigInt(deviceByteLength ?? 0) / 512n - 1n
    const start = startOf('c2h0', lock, { deviceAddress: last })
    await expect(driver.start(start)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    const one = { deviceAddress: last, byteLength: 512 }
    expect((await run(driver, 'c2h0', lock, one)).state).toBe('done')
  })

  it('reads and writes at the same time, is stopped, and is reset under a transfer', async () => {
    const { card, driver } = await openDriver('nvme', address, { fragmentation: 1 })
    const lock = await lockPages(card, 32 * MiB)
    const other = await lockPages(card, 32 * MiB)
    const write = await driver.start(startOf('h2c0', lock))
    const read = await driver.start(startOf('c2h0', other))
    await expect(driver.start(startOf('c2h0', other))).rejects.toMatchObject({ code: 'BUSY' })
    expect((await read.stop()).state).toBe('stopped')
    expect((await write.ended).state).toBe('done')
    const cut = await driver.start(startOf('c2h0', other))
    await driver.reset()
    expect(await cut.ended).toMatchObject({ state: 'failed', error: { code: 'BOARD_FAULT' } })
    await lock.unlock()
    expect((await run(driver, 'c2h0', other)).state).toBe('done')
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
  })

  it('resets a controller that gave up, fails the transfer and works again', async () => {
    const { card, driver } = await openDriver('nvme', address)
    const lock = await lockPages(card, 32 * MiB)
    const transfer = await driver.start(startOf('c2h0', lock))
    // It cannot fetch its commands any more.
    card.setBusMaster(false)
    const outcome = await transfer.ended
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'BOARD_FAULT' } })
    expect(outcome.fault?.kind).toBe('engine')
    await expect.poll(() => driver.healthCheck()).toMatchObject({ ok: true })
    expect((await run(driver, 'c2h0', lock)).state).toBe('done')
  })
})
