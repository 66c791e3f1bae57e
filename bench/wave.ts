// The wave of 16 MiB of samples, and a trigger in them, against one pass in vectors that sums as much memory.

import {
  allocatePages,
  fillPattern,
  findTrigger,
  projectWave,
  type SampleFormat,
} from '../native/index.ts'
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
      await trigger(floors, bytes),
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
  return against(floors, { name: `wave of 16 MiB, ${format}, ${columns} columns`, budget }, project)
}

/** At the top of the range, where random samples seldom are: as good as all of them are looked at in vectors. */
function trigger(floors: Floors, bytes: Uint8Array): Promise<BenchRow> {
  const channel = { bytes, format: 'i16le', channel: 0, stride: 2 } as const
  const find = async () =>
    findTrigger({ ...channel, edge: 'rising', level: 32_767, which: 'newest' })
  return against(floors, { name: 'trigger in 16 MiB, i16le', budget: 1 / 0.5 }, find)
}

async function against(
  floors: Floors,
  { name, budget }: { name: string; budget: number },
  work: () => Promise<unknown>,
): Promise<BenchRow> {
  await work()
  const { floor, measured, ratio } = await inPairs(
    51,
    () => floors.take(`sum ${byteLength}`),
    () => seconds(work),
  )
  return { name, floor: floor * 1e3, measured: measured * 1e3, ratio, budget, unit: 'ms' }
}
