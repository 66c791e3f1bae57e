// What the facts of the host mean for DMA, and what mends it. Pure.

import type { Finding } from '../../contract/doctor.ts'
import type { HostFacts } from './host-facts.ts'
import { amount, duration } from './words.ts'

export interface Wanted {
  /** The lab has boards that only an IOMMU makes safe. */
  realBoards: boolean
  /** What all locks together may come to. */
  lockedByteLength: number
  process: 'server' | 'command'
}

const MiB = 1024 * 1024
const leastFree = { advice: 1024 * MiB, mend: 128 * MiB }
const nearLimit = 0.8
const noticeableStepMs = 1000

type HostFinding = Omit<Finding, 'board'>

export function hostFindings(facts: HostFacts, wanted: Wanted): Finding[] {
  const found: HostFinding[] = [
    iommu(facts.iommu, wanted),
    memlock(facts, wanted),
    mappings(facts.limits.mappings),
    hugePages(facts.limits.hugePages),
    clock(facts.clock),
    disk(facts.disk),
  ]
  return found.map((finding) => ({ board: null, ...finding }))
}

function iommu(
  { units, groups, processor, unsafeNoIommu }: HostFacts['iommu'],
  wanted: Wanted,
): HostFinding {
  const finding = {
    check: 'iommu',
    title: 'IOMMU',
    why: 'Only the IOMMU keeps a board away from memory that is not locked for it. Without one Pinlab opens no real board.',
  } as const
  if (unsafeNoIommu) {
    return {
      ...finding,
      status: 'mend',
      seen: 'vfio allows devices without an IOMMU (enable_unsafe_noiommu_mode is Y)',
      mend: {
        text: 'Switch it off, and take it out of /etc/modprobe.d:',
        commands: ['echo N | sudo tee /sys/module/vfio/parameters/enable_unsafe_noiommu_mode'],
      },
    }
  }
  if (groups > 0) {
    const seen = units > 0 ? `on, ${groups} groups, ${units} units` : `on, ${groups} groups`
    return { ...finding, status: 'good', seen, mend: null }
  }
  return {
    ...finding,
    status: wanted.realBoards ? 'mend' : 'advice',
    seen: wanted.realBoards
      ? 'off: the kernel has no IOMMU group'
      : 'off; the boards of this lab need none',
    mend: mendIommu(processor),
  }
}

function mendIommu(processor: HostFacts['iommu']['processor']) {
  const grub = [
    `sudo sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT="/&intel_iommu=on /' /etc/default/grub`,
    'sudo update-grub && sudo reboot',
  ]
  if (processor === 'intel') {
    const text =
      'Switch on VT-d in the firmware. Then tell the kernel (Debian, Ubuntu) and restart:'
    return { text, commands: grub }
  }
  const where =
    processor === 'amd' ? 'AMD-Vi ("IOMMU") in the firmware' : 'the IOMMU in the firmware'
  return {
    text: `Switch on ${where} and restart. The kernel needs no parameter; it says what it found:`,
    commands: ['sudo dmesg | grep -i -e iommu -e dmar -e smmu'],
  }
}

function memlock({ limits, user }: HostFacts, { lockedByteLength, process }: Wanted): HostFinding {
  const { memlockSoftByteLength: limit, lockedByteLength: used, isExempt } = limits.memlock
  const finding = {
    check: 'memlock',
    title: 'Locked memory',
    why: `Locks count against RLIMIT_MEMLOCK, and pinlab.yaml allows ${amount(lockedByteLength)} of them on this host. A lock beyond the limit fails with WD_INSUFFICIENT_RESOURCES.`,
  } as const
  const whose = process === 'server' ? 'the server' : 'this shell'
  const now = process === 'server' ? `, ${amount(used)} locked now` : ''
  if (isExempt) {
    const seen = `no limit: ${whose} has CAP_IPC_LOCK${now}`
    return { ...finding, status: 'good', seen, mend: null }
  }
  const seen = `${whose} may lock ${amount(limit)}${now}`
  if (limit >= lockedByteLength) return { ...finding, status: 'good', seen, mend: null }
  const kib = Math.ceil(lockedByteLength / 1024) + 1024
  return {
    ...finding,
    status: 'mend',
    seen,
    mend: {
      text: 'For a shell: the first command, then sign in again. For a systemd unit: the other two, then restart it.',
      commands: [
        `echo '${user} - memlock ${kib}' | sudo tee /etc/security/limits.d/pinlab.conf`,
        'sudo mkdir -p /etc/systemd/system/pinlab.service.d',
        `printf '[Service]\\nLimitMEMLOCK=infinity\\n' | sudo tee /etc/systemd/system/pinlab.service.d/memlock.conf && sudo systemctl daemon-reload`,
      ],
    },
  } as const
}

function mappings({ count, limit }: HostFacts['limits']['mappings']): HostFinding {
  const finding = {
    check: 'mappings',
    title: 'Memory mappings',
    why: 'Each lock makes a few; at vm.max_map_count the next one fails.',
  } as const
  if (count === null || limit === null) {
    return { ...finding, status: 'unknown', seen: 'the kernel does not say', mend: null }
  }
  const seen = `${count} of ${limit}`
  if (count < limit * nearLimit) return { ...finding, status: 'good', seen, mend: null }
  const text = 'Allow more, now and after a restart:'
  const commands = [
    `sudo sysctl vm.max_map_count=${limit * 4}`,
    `echo vm.max_map_count=${limit * 4} | sudo tee /etc/sysctl.d/60-pinlab.conf`,
  ]
  return { ...finding, status: 'mend', seen, mend: { text, commands } }
}

function hugePages({ total, free, transparent }: HostFacts['limits']['hugePages']): HostFinding {
  const finding = {
    check: 'hugePages',
    title: 'Huge pages',
    why: 'A large lock on huge pages is made faster and has a shorter page list. Nothing needs them.',
  } as const
  if (transparent === null) {
    return { ...finding, status: 'unknown', seen: 'the kernel does not say', mend: null }
  }
  const reserved = total ? `, ${free} of ${total} reserved ones free` : ''
  const seen = `transparent ones: ${transparent}${reserved}`
  if (transparent !== 'never') return { ...finding, status: 'good', seen, mend: null }
  const commands = ['echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled']
  return {
    ...finding,
    status: 'advice',
    seen,
    mend: { text: 'Allow them until the next restart:', commands },
  }
}

function clock({ keeper, isSynchronised, steppedMs, sinceMs }: HostFacts['clock']): HostFinding {
  const finding = {
    check: 'clock',
    title: 'Clock',
    why: 'Leases end and records are dated by it.',
  } as const
  if (Math.abs(steppedMs) >= noticeableStepMs) {
    const way = steppedMs > 0 ? 'forward' : 'back'
    const seen = `set ${way} by ${duration(Math.abs(steppedMs))} within the last ${duration(sinceMs)}`
    const text = 'Find out what sets it:'
    const commands = ["journalctl --since '-1 day' | grep -i -e 'time.*changed' -e clock"]
    return { ...finding, status: 'mend', seen, mend: { text, commands } }
  }
  if (isSynchronised)
    return { ...finding, status: 'good', seen: `in step, by ${keeper}`, mend: null }
  if (isSynchronised === false) {
    const text = 'See whether its servers can be reached:'
    const commands = ['timedatectl timesync-status']
    const seen = `${keeper} runs but is not in step yet`
    return { ...finding, status: 'mend', seen, mend: { text, commands } }
  }
  if (keeper) {
    const commands = [keeper === 'chronyd' ? 'chronyc tracking' : 'timedatectl']
    const seen = `kept by ${keeper}; only it knows how well`
    return { ...finding, status: 'unknown', seen, mend: { text: 'Ask it:', commands } }
  }
  const text =
    'Nothing that keeps it was found here; in a container or a virtual machine its host may do so. Otherwise:'
  const commands = ['sudo apt-get install -y systemd-timesyncd', 'sudo timedatectl set-ntp true']
  return {
    ...finding,
    status: 'unknown',
    seen: 'who keeps it cannot be seen',
    mend: { text, commands },
  }
}

function disk(found: HostFacts['disk']): HostFinding {
  const finding = {
    check: 'disk',
    title: 'Disk',
    why: 'The record is written there. When it is full nothing new can be locked or started.',
  } as const
  if (!found) {
    return {
      ...finding,
      status: 'unknown',
      seen: 'the folder of the data cannot be read',
      mend: null,
    }
  }
  const { folder, freeByteLength, byteLength } = found
  const seen = `${amount(freeByteLength)} of ${amount(byteLength)} free in ${folder}`
  if (freeByteLength >= leastFree.advice) return { ...finding, status: 'good', seen, mend: null }
  const status = freeByteLength < leastFree.mend ? 'mend' : 'advice'
  const text = 'See what fills it, or move PINLAB_DATA to another disk:'
  const commands = [`sudo du -xhd1 ${folder} | sort -h`]
  return { ...finding, status, seen, mend: { text, commands } }
}
