import { describe, expect, it, onTestFinished } from 'vitest'
import { type Card, type DmaLock, openCard, type SimulatedFault } from '../../../native/index.ts'
import { dmaOptions } from '../../../server/contract/dma-options.ts'
import { XdmaDriver } from '../../../server/drivers/xdma.ts'

const pageByteLength = 4096

type Handler = Parameters<Card['onInterrupt']>[1]

/** The card, and its interrupt handlers for a test to call when it likes; each is called after a reset, before anybody else. */
function overhear(card: Card, handlers: Map<number, Handler>): Card {
  return new Proxy(card, {
    get(target, name) {
      if (name === 'onInterrupt') {
        return (vector: number, handler: Handler) => {
          handlers.set(vector, handler)
          return target.onInterrupt(vector, handler)
        }
      }
      if (name === 'reset') {
        return async () => {
          await target.reset()
          for (const handler of handlers.values()) handler({ count: 1, lost: 0 })
        }
      }
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function openDriver(faults: SimulatedFault[] = []) {
  const handlers = new Map<number, Handler>()
  const opened = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'], faults })
  onTestFinished(() => opened.close())
  const card = overhear(opened, handlers)
  const driver = new XdmaDriver(card)
  await driver.identify()
  const options = dmaOptions.KERNEL_BUFFER_ALLOC | dmaOptions.ALLOW_64BIT_ADDRESS
  const lock = await card.lockContiguous(16 * pageByteLength, { options })
  const interrupt = () => handlers.get(0)?.({ count: 1, lost: 0 })
  return { card, driver, lock, interrupt }
}

const once = (lock: DmaLock, byteLength: number) => ({
  channel: 'h2c0',
  mode: 'once' as const,
  lock,
  offset: 0,
  byteLength,
  deviceAddress: 0n,
  blockByteLength: byteLength,
  timeoutMs: 0,
})

describe('the XDMA driver', () => {
  it('runs transfers back to back', async () => {
    const { driver, lock } = await openDriver()
    for (let round = 1; round <= 300; round++) {
      const byteLength = ((round % 16) + 1) * pageByteLength
      const outcome = await (await driver.start(once(lock, byteLength))).ended
      expect(outcome).toMatchObject({ state: 'done', bytesCompleted: byteLength })
    }
  })

  it('does not take a late interrupt of one transfer for the next one’s', async () => {
    const { driver, lock, interrupt } = await openDriver()
    await (await driver.start(once(lock, 16 * pageByteLength))).ended
    const starting = driver.start(once(lock, pageByteLength))
    interrupt()
    const outcome = await (await starting).ended
    expect(outcome).toMatchObject({ state: 'done', bytesCompleted: pageByteLength })
  })

  it('does not take the count of a reset board for that of the run it ends', async () => {
    const { driver, lock } = await openDriver([{ kind: 'stall', channel: 'h2c0', skip: 5 }])
    const ring = { ...once(lock, 16 * pageByteLength), blockByteLength: pageByteLength }
    const transfer = await driver.start({ ...ring, mode: 'cyclic' })
    await expect.poll(() => transfer.progress().blocksCompleted).toBe(5)
    expect(await transfer.stop()).toMatchObject({
      state: 'stopped',
      blocksCompleted: 5,
      bytesCompleted: 5 * pageByteLength,
      fault: { kind: 'stall' },
    })
  })

  it('[WD_DEVICE_NOT_FOUND] does not find its kind of board where nobody answers', async () => {
    const { driver, lock, card } = await openDriver([{ kind: 'linkLost', channel: 'h2c0' }])
    await (await driver.start(once(lock, pageByteLength))).ended
    await expect(new XdmaDriver(card).identify()).rejects.toMatchObject({
      code: 'NOT_THIS_KIND',
      wdStatus: 'WD_DEVICE_NOT_FOUND',
    })
  })
})
