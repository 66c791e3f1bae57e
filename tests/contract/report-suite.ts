// The leak report: what is locked, by whom, since when, and whether anybody uses it.

import { describe, expect, test } from 'vitest'
import { allocatePages } from '../../native/index.ts'
import { dmaOptions } from '../../server/contract/dma-options.ts'
import { eachBoard } from './board-fixture.ts'
import type { Bus } from './bus.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function reportSuite(bus: Bus): void {
  describe('leak report', () => {
    const at = eachBoard(bus)
    const report = async () =>
      (await at.board.card.lockReport()).filter(({ owner }) => owner !== '')

    test('says of each live lock what it is, oldest first', async () => {
      const { card } = at.board
      const contiguous = await card.lockContiguous(100_000, {
        owner: 'first',
        direction: 'fromDevice',
      })
      const bytes = allocatePages(3 * 4096).subarray(100, 10_100)
      const scatterGather = await card.lockScatterGather(bytes, {
        owner: 'second',
        options: dmaOptions.DISABLE_MERGE_ADJACENT_PAGES,
      })
      const attached = await card.attachContiguous(contiguous.handle, { owner: 'third' })
      const common = { ageMs: expect.any(Number), unusedMs: expect.any(Number), holds: [] }
      expect(await report()).toEqual([
        {
          ...common,
          handle: contiguous.handle,
          originalHandle: contiguous.handle,
          kind: 'contiguous',
          owner: 'first',
          direction: 'fromDevice',
          options: contiguous.options,
          byteLength: 100_000,
          pageCount: 1,
          residentByteLength: 100_000,
        },
        {
          ...common,
          handle: scatterGather.handle,
          originalHandle: scatterGather.handle,
          kind: 'scatterGather',
          owner: 'second',
          direction: 'toFromDevice',
          options: scatterGather.options,
          byteLength: 10_000,
          pageCount: 3,
          residentByteLength: 10_000,
        },
        expect.objectContaining({ owner: 'third', originalHandle: contiguous.handle }),
      ])
      await contiguous.unlock()
      expect((await report()).map(({ owner }) => owner)).toEqual(['second', 'third'])
      await attached.unlock()
      await scatterGather.unlock()
      expect(await report()).toEqual([])
    })

    test('counts holds and syncs as use, and nothing else', async () => {
      const lock = await at.board.card.lockContiguous(4096, { owner: 'user' })
      const record = async () => (await report())[0]
      await pause(40)
      lock.userBytes.fill(1)
      const idle = await record()
      expect(idle?.ageMs).toBeGreaterThanOrEqual(35)
      expect(idle?.unusedMs).toBeGreaterThanOrEqual(35)
      await lock.syncForDevice()
      const synced = await record()
      expect(synced?.unusedMs).toBeLessThan(synced?.ageMs ?? 0)
      const holds = [lock.hold('c2h0'), lock.hold('fill')]
      expect((await record())?.holds).toEqual(['c2h0', 'fill'])
      holds[0]?.release()
      expect((await record())?.holds).toEqual(['fill'])
    })

    test('knows locks that JavaScript has forgotten, and none of a closed card', async () => {
      const { card } = at.board
      for (let i = 0; i < 10; i++) await card.lockContiguous(4096, { owner: 'forgotten' })
      expect(await report()).toHaveLength(10)
      await card.close()
      expect(await card.lockReport()).toEqual([])
    })

    test('may be asked for while locks come and go', async () => {
      const { card } = at.board
      const churn = Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 20; i++) {
          const lock = await card.lockContiguous(1 << 20, { owner: 'churn' })
          await lock.unlock()
        }
      })
      const reports = Array.from({ length: 50 }, report)
      await Promise.all([...churn, ...reports])
      expect(await report()).toEqual([])
    })
  })
}
