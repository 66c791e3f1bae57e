// The wave of 16 MiB of samples, against one pass in vectors that sums as much memory.

import { allocatePages, fillPattern, projectWave, type SampleFormat } from '../native/index.ts'
import { type BenchRow, inPairs, seconds } from './bench-row.ts'
import { type Floors, startFloors } from './floors/floors.ts'

const byteLength = 16 * 1024 * 1024
const columns = 1024

export async function waveProjection(): Promise<BenchRow[]> {
  const floors = startFloors()
  try {
    const bytes = allocatePages(byteLength)
    await fillPattern(bytes, 'random', 1)
    return [
      await wave(floors, bytes, { format: 'i16le', stride: 2, budget: 1 / 0.85 }),
      await wave(floors, bytes, { format: 'f32le', stride: 4, budget: 1 / 0.5 }),
    ]
  } finally {
    await floors.end()
  }
}

async function wave(
  floors: Floors,
  bytes: Uint8Array,
  { format, stride, budget }: { format: SampleFormat; stride: number; budget: number },
): Promise<BenchRow> {
  const project = async () => projectWave({ bytes, format, channels: 1, stride, columns })
  await project()
  const { floor, measured, ratio } = await inPairs(
    51,
    () => floors.take(`sum ${byteLength}`),
    () => seconds(project),
  )
  const name = `wave of 16 MiB, ${format}, ${columns} columns`
  return { name, floor: floor * 1e3, measured: measured * 1e3, ratio, budget, unit: 'ms' }
}
