// The edu driver on the device of the guest.

import { describe, expect, it } from 'vitest'
import { allocatePages } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import { openRealBoard, realDevice, whole } from './real-card.ts'

const most = 4095
const large = { options: dmaOptions.LARGE_BUFFER, maxPages: 64 } as const

function pattern(byteLength: number, seed = 1): Uint8Array {
  const bytes = allocatePages(byteLength).subarray(0, byteLength)
  bytes.forEach((_, i) => {
    bytes[i] = (i * 31 + seed * 7 + (i >> 8)) & 0xff
  })
  return bytes
}

describe.skipIf(realDevice('edu') === null)('the edu driver', () => {
  it('moves its whole buffer both ways', async () => {
    const { card, driver } = await openRealBoard('edu')
    const from = await card.lockScatterGather(pattern(most), { direction: 'toDevice' })
    const to = await card.lockScatterGather(allocatePages(most).subarray(0, most), {
      direction: 'fromDevice',
    })
    const written = await (await driver.start(whole('h2c0', from))).ended
    expect(written).toMatchObject({ state: 'done', bytesCompleted: most, blocksCompleted: 1 })
    const read = await (await driver.start(whole('c2h0', to))).ended
    expect(read).toMatchObject({ state: 'done', bytesCompleted: most })
    expect(Buffer.compare(from.userBytes, to.userBytes)).toBe(0)
  })

  it('moves memory whose pages are not adjacent, and no byte beside it', async () => {
    const { card, driver } = await openRealBoard('edu', { fragmentation: 1 })
    const source = pattern(8192).subarray(3000, 3000 + 3001)
    const target = allocatePages(8192).fill(0xee)
    const from = await card.lockScatterGather(source, large)
    const to = await card.lockScatterGather(target.subarray(3000, 3000 + 3001), large)
    expect([from.pages.length, to.pages.length]).toEqual([2, 2])
    await (await driver.start(whole('h2c0', from, { deviceAddress: 1000n }))).ended
    const read = await (await driver.start(whole('c2h0', to, { deviceAddress: 1000n }))).ended
    expect(read).toMatchObject({ state: 'done', bytesCompleted: 3001 })
    expect(Buffer.compare(source, target.subarray(3000, 6001))).toBe(0)
    expect(target.subarray(0, 3000).every((byte) => byte === 0xee)).toBe(true)
    expect(target.subarray(6001).every((byte) => byte === 0xee)).toBe(true)
  })

  it('refuses what would reach beyond the buffer, and one transfer more than it can run', async () => {
    const { card, driver } = await openRealBoard('edu')
    const lock = await card.lockContiguous(4096)
    const start = (more: object) => driver.start(whole('c2h0', lock, more))
    await expect(start({})).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    await expect(start({ byteLength: 96, deviceAddress: 4000n })).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    })
    await expect(
      start({ byteLength: 64, mode: 'cyclic', blockByteLength: 32 }),
    ).rejects.toMatchObject({ code: 'MODE' })
    const running = await start({ byteLength: 64 })
    await expect(start({ byteLength: 64 })).rejects.toMatchObject({ code: 'BUSY' })
    await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_TRY_AGAIN' })
    expect(await running.ended).toMatchObject({ state: 'done' })
    await lock.unlock()
  })

  it('stops between two pieces, and is reset in mid-transfer', async () => {
    const { card, driver } = await openRealBoard('edu', { fragmentation: 1 })
    const lock = await card.lockScatterGather(allocatePages(8192).subarray(2048, 6000), large)
    const stopped = await driver.start(whole('h2c0', lock))
    expect(await stopped.stop()).toMatchObject({ state: 'stopped', bytesCompleted: 2048 })
    const failed = await driver.start(whole('h2c0', lock))
    await driver.reset()
    expect(await failed.ended).toMatchObject({ state: 'failed', error: { code: 'BOARD_FAULT' } })
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
    expect(await (await driver.start(whole('h2c0', lock))).ended).toMatchObject({ state: 'done' })
  })
})
