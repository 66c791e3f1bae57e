import { describe, expect, it } from 'vitest'
import { type BoardFacts, boardFindings } from '../../../../server/boards/doctor/board-findings.ts'
import type { HostFacts } from '../../../../server/boards/doctor/host-facts.ts'
import { hostFindings } from '../../../../server/boards/doctor/host-findings.ts'
import { reportLines } from '../../../../server/boards/doctor/report-lines.ts'
import type { DoctorReport, FindingCheck } from '../../../../server/contract/doctor.ts'

const MiB = 1024 * 1024

const host: HostFacts = {
  iommu: { units: 1, groups: 9, processor: 'intel', unsafeNoIommu: false },
  vfio: { hasDriver: true, mappingLimit: 65_535 },
  user: 'ada',
  limits: {
    memlock: {
      memlockSoftByteLength: 8 * MiB,
      memlockHardByteLength: 8 * MiB,
      lockedByteLength: 0,
      isExempt: false,
    },
    addressSpace: { limitByteLength: null, usedByteLength: null },
    hugePages: { byteLength: 2 * MiB, total: 0, free: 0, transparent: 'madvise' },
    mappings: { count: 300, limit: 65_530 },
    pagemap: 'none',
  },
  clock: { keeper: 'systemd-timesyncd', isSynchronised: true, steppedMs: 0, sinceMs: 60_000 },
  disk: { folder: '/var/lib/pinlab', freeByteLength: 90_000 * MiB, byteLength: 100_000 * MiB },
}
const wanted = { realBoards: true, lockedByteLength: 1024 * MiB, process: 'server' } as const

function of(check: FindingCheck, facts: Partial<HostFacts>) {
  return hostFindings({ ...host, ...facts }, wanted).find((finding) => finding.check === check)
}

const memlock = (more: Partial<HostFacts['limits']['memlock']>) =>
  of('memlock', {
    limits: { ...host.limits, memlock: { ...host.limits.memlock, ...more } },
  })

describe('the limit of locked memory', () => {
  it('is too low where the lab allows more', () => {
    expect(memlock({})?.status).toBe('mend')
    expect(memlock({})?.mend?.commands[0]).toMatch(/^echo 'ada - memlock 10\d+' \|/)
  })

  it('is high enough, or does not count', () => {
    expect(memlock({ memlockSoftByteLength: 1024 * MiB })?.status).toBe('good')
    expect(memlock({ memlockSoftByteLength: Number.POSITIVE_INFINITY })?.status).toBe('good')
    expect(memlock({ isExempt: true })?.status).toBe('good')
  })
})

describe('what else the host has', () => {
  it('is too few mappings, at four fifths of what is allowed', () => {
    const mappings = { count: 60_000, limit: 65_530 }
    expect(of('mappings', { limits: { ...host.limits, mappings } })?.status).toBe('mend')
  })

  it.each([
    [5000, 'good'],
    [900, 'advice'],
    [100, 'mend'],
  ])('is %d MiB of free disk: %s', (free, status) => {
    const disk = { folder: '/', freeByteLength: free * MiB, byteLength: 10_000 * MiB }
    expect(of('disk', { disk })?.status).toBe(status)
  })

  it('is a clock that was set while the server ran', () => {
    const clock = { ...host.clock, steppedMs: -90_000, sinceMs: 3_600_000 }
    expect(of('clock', { clock })).toMatchObject({ status: 'mend' })
    expect(of('clock', { clock })?.seen).toContain('back by 90 s')
  })

  it('is no huge pages, which would only be better', () => {
    const hugePages = { ...host.limits.hugePages, transparent: 'never' }
    expect(of('hugePages', { limits: { ...host.limits, hugePages } })?.status).toBe('advice')
  })
})

const board: BoardFacts = {
  ...{ id: 'edu', address: '0000:01:00.0', use: null, sharers: [] },
  device: {
    ...{ address: '0000:01:00.0', id: '1234:11e8', isBridge: false },
    ...{ driver: 'vfio-pci', busMaster: false },
  },
  group: {
    ...{ number: '7', others: [] },
    file: { owner: 'root', group: 'root', mode: 0o600, mayUse: false },
  },
}

describe('the file of a group', () => {
  it('that is not for the one who runs Pinlab gets a group of its own', () => {
    const found = boardFindings(board, host).find(({ check }) => check === 'groupFile')
    expect(found).toMatchObject({
      status: 'mend',
      seen: '/dev/vfio/7 is root:root 0600, not for ada',
    })
    const commands = found?.mend?.commands.join('\n') ?? ''
    expect(commands).toContain('usermod -aG pinlab ada')
    expect(commands).toContain('MODE="0660"')
    expect(commands).not.toContain('0666')
  })
})

describe('the report in a terminal', () => {
  const findings = [...hostFindings(host, wanted), ...boardFindings(board, host)]
  const report: DoctorReport = {
    ...{ checkedAt: '2027-01-11T14:00:00.000Z', process: 'server', host: 'lab-host-3', toMend: 2 },
    findings,
    boards: [
      { id: 'edu', name: 'Device', bus: 'vfio', driver: 'edu', address: '0000:01:00.0' },
      { id: 'sim0', name: 'Digitizer', bus: 'simulated', driver: 'xdma', address: null },
    ],
  }

  it('fits into 80 columns, but for commands, which are whole', () => {
    const lines = reportLines(report)
    const long = lines.filter((line) => line.length > 80)
    expect(long.every((line) => line.trimStart().startsWith('$ '))).toBe(true)
    for (const { mend, status } of findings) {
      if (status === 'good') continue
      for (const command of mend?.commands ?? []) {
        expect(lines.some((line) => line.endsWith(`$ ${command}`))).toBe(true)
      }
    }
  })

  it('begins with how much there is to mend, and forgets no board', () => {
    const text = reportLines(report).join('\n')
    expect(text.split('\n')[0]).toBe('Pinlab doctor, lab-host-3: 2 things to mend')
    expect(text).toContain('sim0: simulated')
  })
})
