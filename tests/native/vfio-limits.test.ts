// The two limits that a lock behind VFIO runs into: memory that may be kept, and mappings that a container may have.

import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allocatePages } from '../../native/index.ts'
import { inProcess } from './card-process.ts'
import { groupFile } from './pci-device.ts'
import { admit, deviceOf, nobody, openDevice } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_EDU')
const KiB = 1024
const page = 4 * KiB
const tooMuch = { status: 0x2000_0005, statusName: 'WD_INSUFFICIENT_RESOURCES' }

describe.skipIf(address === null)('what a lock may use up', () => {
  test('memory: above RLIMIT_MEMLOCK a lock is refused, undone, and fits when it is smaller', async () => {
    admit(groupFile(address ?? ''))
    const script = `
      const card = await openCard({ bus: 'vfio', address: '${address}' })
      const refusal = await card.lockContiguous(${128 * KiB}).catch((error) => error)
      const { byteLength } = await card.lockContiguous(${64 * KiB})
      const full = await card.lockScatterGather(allocatePages(4096)).catch((error) => error)
      answer = { refusal, byteLength, full }
      await card.close()`
    const limits = { userId: nobody, memlockByteLength: 64 * KiB }
    const refusal = (operation: string, wantedByteLength: number) => ({
      ...tooMuch,
      operation,
      errno: 'ENOMEM',
      limit: { name: 'RLIMIT_MEMLOCK', byteLength: 64 * KiB, wantedByteLength },
      help: expect.stringMatching(/`ulimit -l`, LimitMEMLOCK=/),
    })
    expect(await inProcess(script, limits)).toMatchObject({
      refused: null,
      answer: {
        refusal: refusal('lockContiguous', 128 * KiB),
        byteLength: 64 * KiB,
        full: refusal('lockScatterGather', page),
      },
    })
  })

  test('mappings: above dma_entry_limit a lock is refused, undone, and fits when it has fewer runs', async () => {
    limitMappings(64)
    const card = await openDevice(address, { fragmentation: 1 })
    const lockPages = (count: number) => card.lockScatterGather(allocatePages(count * page))
    const refusal = (operation: string, wantedCount: number) => ({
      ...tooMuch,
      operation,
      errno: 'ENOSPC',
      limit: { name: 'dma_entry_limit', count: 64, wantedCount },
      help: expect.stringContaining('`modprobe vfio_iommu_type1 dma_entry_limit=<mappings>`'),
    })
    await expect(lockPages(65)).rejects.toMatchObject(refusal('lockScatterGather', 65))
    const full = await lockPages(64)
    expect(full.pages).toHaveLength(64)
    await expect(card.lockContiguous(page)).rejects.toMatchObject(refusal('lockContiguous', 1))
    await full.unlock()
    const whole = await card.lockContiguous(100 * page)
    expect(whole.pages).toHaveLength(1)
  })
})

/** For containers that are opened during the test. */
function limitMappings(count: number): void {
  const parameter = '/sys/module/vfio_iommu_type1/parameters/dma_entry_limit'
  const before = readFileSync(parameter)
  writeFileSync(parameter, String(count))
  onTestFinished(() => writeFileSync(parameter, before))
}
