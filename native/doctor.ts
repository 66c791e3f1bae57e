// What of this host and process bears on locking memory, read from /proc.

import { open, readFile } from 'node:fs/promises'
import { hostLimits } from './memory.ts'
import type { HostReport } from './surface.ts'

const ipcLock = 14n
const pageByteLength = 4096
const pagemapEntryByteLength = 8
/** An entry's page frame number: zeroes for whoever may not know it. */
const frameMask = (1n << 55n) - 1n

/** The text of a file; empty where there is none or it is not for us. */
const text = (path: string) => readFile(path, 'utf8').catch(() => '')

function numberIn(source: string, pattern: RegExp): number | null {
  const found = source.match(pattern)?.[1]
  if (found === undefined) return null
  return found === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found)
}

const kibibytes = (value: number | null) => (value === null ? null : value * 1024)

/** Figures for people who set up a host, as plain data; null where the system does not say. */
export async function doctor(): Promise<HostReport> {
  const [status, limits, maps, memory, maxMaps, transparent] = await Promise.all([
    text('/proc/self/status'),
    text('/proc/self/limits'),
    text('/proc/self/maps'),
    text('/proc/meminfo'),
    text('/proc/sys/vm/max_map_count'),
    text('/sys/kernel/mm/transparent_hugepage/enabled'),
  ])
  const capabilities = BigInt(`0x${status.match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? '0'}`)
  return {
    memlock: { ...hostLimits(), isExempt: ((capabilities >> ipcLock) & 1n) === 1n },
    addressSpace: {
      limitByteLength: numberIn(limits, /^Max address space\s+(\w+)/m),
      usedByteLength: kibibytes(numberIn(status, /^VmSize:\s+(\d+) kB$/m)),
    },
    hugePages: {
      byteLength: kibibytes(numberIn(memory, /^Hugepagesize:\s+(\d+) kB$/m)),
      total: numberIn(memory, /^HugePages_Total:\s+(\d+)$/m),
      free: numberIn(memory, /^HugePages_Free:\s+(\d+)$/m),
      transparent: transparent.match(/\[(\w+)\]/)?.[1] ?? null,
    },
    mappings: {
      count: maps ? maps.trimEnd().split('\n').length : null,
      limit: numberIn(maxMaps, /^(\d+)$/m),
    },
    pagemap: await pagemapAccess(maps),
  }
}

/** Asks for the end of the stack, where arguments and environment are: always a page that is there. */
async function pagemapAccess(maps: string): Promise<HostReport['pagemap']> {
  const stackEnd = maps.match(/^[0-9a-f]+-([0-9a-f]+) .*\[stack\]$/m)?.[1]
  const file = await open('/proc/self/pagemap').catch(() => null)
  if (!file || !stackEnd) {
    await file?.close()
    return 'none'
  }
  try {
    const entry = Buffer.alloc(pagemapEntryByteLength)
    const page = Number.parseInt(stackEnd, 16) / pageByteLength - 1
    await file.read(entry, 0, pagemapEntryByteLength, page * pagemapEntryByteLength)
    return (entry.readBigUInt64LE() & frameMask) === 0n ? 'withoutAddresses' : 'withAddresses'
  } catch {
    return 'none'
  } finally {
    await file.close()
  }
}
