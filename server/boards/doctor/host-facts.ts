// What bears on DMA on this host as a whole: IOMMU, VFIO, limits of the process, clock, disk.

import { statfs } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { doctor } from '../../../native/index.ts'
import { exists, names, type Roots, text } from './host-files.ts'

export interface HostFacts {
  iommu: {
    /** IOMMUs that the kernel drives. */
    units: number
    groups: number
    processor: 'intel' | 'amd' | 'other'
    /** `enable_unsafe_noiommu_mode` of the module vfio. */
    unsafeNoIommu: boolean
  }
  vfio: {
    /** vfio-pci is there to bind devices to. */
    hasDriver: boolean
    /** Mappings that one IOMMU group may have; null: the module is not loaded. */
    mappingLimit: number | null
  }
  user: string
  limits: Awaited<ReturnType<typeof doctor>>
  clock: ClockFacts
  /** Of the data folder, or of the nearest folder above it that exists. */
  disk: { folder: string; freeByteLength: number; byteLength: number } | null
}

export interface ClockFacts {
  /** Program that keeps the clock right. */
  keeper: string | null
  /** Null: only the keeper knows. */
  isSynchronised: boolean | null
  /** How far the wall clock was set, against the monotonic one, since `sinceMs` ago. */
  steppedMs: number
  sinceMs: number
}

const clockKeepers = ['chronyd', 'ntpd', 'ntpd-rs', 'openntpd', 'ptp4l', 'phc2sys']

export async function hostFacts(roots: Roots, dataFolder: string): Promise<HostFacts> {
  const { sys, proc } = roots
  const [units, groups, processor, unsafe, mappingLimit, hasDriver] = await Promise.all([
    names(sys, 'class/iommu'),
    names(sys, 'kernel/iommu_groups'),
    text(proc, 'cpuinfo'),
    text(sys, 'module/vfio/parameters/enable_unsafe_noiommu_mode'),
    text(sys, 'module/vfio_iommu_type1/parameters/dma_entry_limit'),
    exists(sys, 'bus/pci/drivers/vfio-pci'),
  ])
  return {
    iommu: {
      units: units.length,
      groups: groups.length,
      processor: processorOf(processor ?? ''),
      unsafeNoIommu: unsafe === 'Y',
    },
    vfio: { hasDriver, mappingLimit: mappingLimit === null ? null : Number(mappingLimit) },
    user: userName(),
    limits: await doctor(),
    clock: await clockFacts(roots),
    disk: await diskFacts(dataFolder),
  }
}

function processorOf(cpuinfo: string): HostFacts['iommu']['processor'] {
  if (cpuinfo.includes('GenuineIntel')) return 'intel'
  return cpuinfo.includes('AuthenticAMD') ? 'amd' : 'other'
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A user that no passwd line names, as in a container.
    return String(process.getuid?.())
  }
}

/** systemd-timesyncd leaves a file once it is in step; other keepers only tell who asks them. */
async function clockFacts({ run, proc }: Roots): Promise<ClockFacts> {
  const sinceMs = performance.now()
  const steppedMs = Date.now() - (performance.timeOrigin + sinceMs)
  const timesync = await exists(run, 'systemd/timesync')
  const isSynchronised = timesync ? await exists(run, 'systemd/timesync/synchronized') : null
  const keeper = timesync ? 'systemd-timesyncd' : await runningKeeper(proc)
  return { keeper, isSynchronised, steppedMs, sinceMs }
}

async function runningKeeper(proc: string): Promise<string | null> {
  const processes = (await names(proc)).filter((name) => /^\d+$/.test(name))
  const running = await Promise.all(processes.map((id) => text(proc, id, 'comm')))
  return clockKeepers.find((keeper) => running.includes(keeper)) ?? null
}

async function diskFacts(folder: string): Promise<HostFacts['disk']> {
  if (!(await exists(folder)) && dirname(folder) !== folder) return diskFacts(dirname(folder))
  const found = await statfs(join(folder)).catch(() => null)
  if (!found) return null
  const { bavail, blocks, bsize } = found
  return { folder, freeByteLength: bavail * bsize, byteLength: blocks * bsize }
}
