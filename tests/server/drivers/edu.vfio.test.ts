import { describe, expect, it } from 'vitest'
import { fillPattern } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import { deviceOf, lockPages, openDriver, startOf } from './real-device.ts'

const address = deviceOf('PINLAB_TEST_EDU')

describe.skipIf(address === null)('the edu driver on a device', () => {
  it('carries bytes to the buffer and back, at every offset that it is asked for', async () => {
    const { card, driver } = await openDriver('edu', address)
    const out = await card.lockContiguous(4096)
    const back = await card.lockContiguous(4096)
    await fillPattern(out.userBytes, 'random', 5)
    const there = startOf('h2c0', out, { byteLength: 3001, offset: 17, deviceAddress: 1000n })
    expect(await (await driver.start(there)).ended).toMatchObject({
      state: 'done',
      bytesCompleted: 3001,
    })
    const here = startOf('c2h0', back, { byteLength: 2000, offset: 64, deviceAddress: 1001n })
    expect(await (await driver.start(here)).ended).toMatchObject({
      state: 'done',
      bytesCompleted: 2000,
    })
    expect(back.userBytes.slice(64, 2064)).toEqual(out.userBytes.slice(18, 2018))
    expect(back.userBytes.slice(0, 64)).toEqual(new Uint8Array(64))
    expect(back.userBytes.slice(2064)).toEqual(new Uint8Array(4096 - 2064))
  })

  it('takes a DMA for each page of scattered memory', async () => {
    const { card, driver } = await openDriver('edu', address, { fragmentation: 1 })
    const lock = await lockPages(card, 3000, 3000)
    expect(lock.pages.length).toBe(2)
    await fillPattern(lock.userBytes, 'random', 6)
    const written = lock.userBytes.slice()
    expect((await (await driver.start(startOf('h2c0', lock))).ended).state).toBe('done')
    lock.userBytes.fill(0)
    expect((await (await driver.start(startOf('c2h0', lock))).ended).state).toBe('done')
    expect(lock.userBytes.slice()).toEqual(written)
  })

  it('refuses what would bring QEMU down, and goes on working', async () => {
    const { card, driver } = await openDriver('edu', address)
    const lock = await card.lockContiguous(8192)
    for (const byteLength of [4096, 0]) {
      await expect(driver.start(startOf('c2h0', lock, { byteLength }))).rejects.toMatchObject({
        code: 'OUT_OF_RANGE',
      })
    }
    const toTheEnd = startOf('c2h0', lock, { byteLength: 1, deviceAddress: 4095n })
    await expect(driver.start(toTheEnd)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    const most = startOf('c2h0', lock, { byteLength: 4095 })
    expect((await (await driver.start(most)).ended).state).toBe('done')
  })

  it('has one engine for both channels, and stops when its DMA has ended', async () => {
    const { card, driver } = await openDriver('edu', address, { fragmentation: 1 })
    const lock = await lockPages(card, 3000, 3000)
    const transfer = await driver.start(startOf('h2c0', lock))
    await expect(driver.start(startOf('c2h0', lock))).rejects.toMatchObject({ code: 'BUSY' })
    expect(await transfer.stop()).toMatchObject({ state: 'stopped', bytesCompleted: 1096 })
    await lock.unlock()
    expect(await driver.healthCheck()).toMatchObject({ ok: true })
  })

  it('fails a transfer by its time limit and by a reset, and works again', async () => {
    const { card, driver } = await openDriver('edu', address)
    const lock = await card.lockContiguous(4096, { options: dmaOptions.TO_DEVICE })
    const range = { byteLength: 100 }
    const late = await driver.start(startOf('h2c0', lock, { ...range, timeoutMs: 1 }))
    expect(await late.ended).toMatchObject({ state: 'failed', error: { code: 'TIMED_OUT' } })
    const reset = await driver.start(startOf('h2c0', lock, range))
    await driver.reset()
    expect(await reset.ended).toMatchObject({ state: 'failed', error: { code: 'BOARD_FAULT' } })
    expect((await (await driver.start(startOf('h2c0', lock, range))).ended).state).toBe('done')
  })

  it('is opened while a DMA of the owner before is running, and waits for its end', async () => {
    const first = await openDriver('edu', address)
    const lock = await first.card.lockContiguous(4096)
    lock.userBytes.fill(0xaa)
    await first.driver.start(startOf('c2h0', lock, { byteLength: 4000 }))
    await first.card.close()
    const second = await openDriver('edu', address)
    const command = { barIndex: 0, offset: 0x98, width: 32 } as const
    expect(second.card.readRegister(command) & 1).toBe(0)
    expect(second.card.busMaster).toBe(true)
  })

  it('computes, and takes what people raise', async () => {
    const { card, driver } = await openDriver('edu', address)
    const at = (name: string) => {
      const register = driver.registers.find((known) => known.name === name)
      if (!register) throw new Error(`no register ${name}`)
      return register
    }
    card.writeRegister(at('FACTORIAL'), 10)
    await expect.poll(() => Number(card.readRegister(at('STATUS'))) & 1).toBe(0)
    expect(card.readRegister(at('FACTORIAL'))).toBe(3_628_800)
    card.writeRegister(at('IRQ_RAISE'), 0x40)
    await expect.poll(() => card.readRegister(at('IRQ_STATUS'))).toBe(0)
  })
})
