import { describe, expect, it } from 'vitest'
import { type Examination, examine } from '../../../../server/boards/doctor/examine.ts'
import type { FindingCheck } from '../../../../server/contract/doctor.ts'
import type { VfioBoardConfig } from '../../../../server/lab-config.ts'
import { HostTree } from '../../../support/host-tree.ts'
import { digitizer } from '../../../support/test-lab.ts'

const address = '0000:01:00.0'
const edu: VfioBoardConfig = {
  ...{ id: 'edu', name: 'Educational device', tags: [], bus: 'vfio', driver: 'edu' },
  ...{ address, writable: false, config: { fragmentation: 0 } },
}
const bound = { address, driver: 'vfio-pci', group: 7 }
const isOpen = new Map([['edu', { failure: null, dmaMappings: 12 }]])

async function see(tree: HostTree, more: Partial<Examination> = {}) {
  const report = await examine({
    boards: [edu],
    dataFolder: '/',
    lockedByteLength: 1,
    uses: null,
    roots: tree.roots,
    ...more,
  })
  const find = (check: FindingCheck, board: string | null = 'edu') =>
    report.findings.find((finding) => finding.check === check && finding.board === board)
  return { report, find, checks: report.findings.map(({ check }) => check) }
}

describe('a board on the VFIO bus, to the doctor', () => {
  it('is good when it is bound, alone in its group, and its file is for one group of people', async () => {
    const { find, report } = await see(new HostTree([bound]).groupFile(7))
    for (const check of ['device', 'driver', 'groupMembers', 'groupFile', 'busMaster'] as const) {
      expect(find(check)).toMatchObject({ status: 'good', mend: null })
    }
    expect(find('groupFile')?.seen).toContain('keeper:lab 0660')
    expect(report).toMatchObject({ toMend: 0, process: 'command' })
  })

  it('that is not there is all that is said of it', async () => {
    const { find, checks } = await see(new HostTree([{ ...bound, address: '0000:02:00.0' }]))
    expect(find('device')).toMatchObject({ status: 'mend' })
    expect(find('device')?.mend?.commands).toContain('lspci -Dnn')
    expect(checks).not.toContain('driver')
  })

  it('bound to another driver is bound by the commands that are given', async () => {
    const { find } = await see(new HostTree([{ ...bound, driver: 'nvme', busMaster: true }]))
    expect(find('driver')?.status).toBe('mend')
    expect(find('driver')?.mend?.commands).toEqual([
      'sudo modprobe vfio-pci',
      `echo vfio-pci | sudo tee /sys/bus/pci/devices/${address}/driver_override`,
      `echo ${address} | sudo tee /sys/bus/pci/devices/${address}/driver/unbind`,
      `echo ${address} | sudo tee /sys/bus/pci/drivers_probe`,
    ])
    expect(find('busMaster')?.status).toBe('good')
    expect(find('groupFile')).toBeUndefined()
  })

  it('needs no unbind where no driver has it, and no modprobe where vfio-pci is loaded', async () => {
    const tree = new HostTree([{ address, group: 7 }])
    tree.write('sys/bus/pci/drivers/vfio-pci/bind', '')
    const commands = (await see(tree)).find('driver')?.mend?.commands.join('\n')
    expect(commands).not.toMatch(/unbind|modprobe/)
  })

  it('shares a group that is not viable with a device of another driver, but not with a bridge', async () => {
    const bridge = { address: '0000:00:01.0', driver: 'pcieport', group: 7, isBridge: true }
    expect((await see(new HostTree([bound, bridge]))).find('groupMembers')?.status).toBe('good')
    const sound = { address: '0000:01:00.1', driver: 'snd_hda_intel', group: 7 }
    const { find } = await see(new HostTree([bound, bridge, sound]))
    expect(find('groupMembers')).toMatchObject({ status: 'mend' })
    expect(find('groupMembers')?.mend?.commands.join()).toContain('0000:01:00.1/driver/unbind')
  })

  it('shares its group with another board of the lab, of which only one can be open', async () => {
    const second = { ...edu, id: 'second', address: '0000:01:00.1' }
    const tree = new HostTree([bound, { ...bound, address: second.address }]).groupFile(7)
    const { find } = await see(tree, { boards: [edu, second] })
    expect(find('groupMembers')).toMatchObject({ status: 'mend' })
    expect(find('groupMembers', 'second')?.seen).toContain('edu')
  })

  it('has a file that is open to everybody: to be 0660, and never more', async () => {
    const { find, report } = await see(new HostTree([bound]).groupFile(7, 0o666))
    expect(find('groupFile')?.status).toBe('mend')
    expect(find('groupFile')?.mend?.commands.join('\n')).toContain('chmod 0660 /dev/vfio/7')
    expect(JSON.stringify(report)).not.toContain('chmod 0666')
    expect((await see(new HostTree([bound]))).find('groupFile')?.status).toBe('mend')
  })

  it('may be bus master only while it is open', async () => {
    const tree = new HostTree([{ ...bound, busMaster: true }]).groupFile(7)
    expect((await see(tree)).find('busMaster')?.status).toBe('unknown')
    expect((await see(tree, { uses: isOpen })).find('busMaster')?.status).toBe('good')
    const closed = new Map([['edu', { failure: 'group in use', dmaMappings: 0 }]])
    const { find } = await see(tree, { uses: closed })
    expect(find('busMaster')?.status).toBe('mend')
    expect(find('use')).toMatchObject({ status: 'mend', seen: 'group in use' })
  })

  it('uses DMA mappings, of which the kernel allows so many', async () => {
    const tree = new HostTree([bound]).groupFile(7)
    expect((await see(tree, { uses: isOpen })).find('dmaMappings')?.status).toBe('unknown')
    tree.write('sys/module/vfio_iommu_type1/parameters/dma_entry_limit', '65535\n')
    expect((await see(tree, { uses: isOpen })).find('dmaMappings')?.status).toBe('good')
    const many = new Map([['edu', { failure: null, dmaMappings: 60_000 }]])
    expect((await see(tree, { uses: many })).find('dmaMappings')?.status).toBe('advice')
  })
})

describe('the host, to the doctor', () => {
  it('needs an IOMMU only for real boards', async () => {
    const tree = new HostTree()
    tree.write('proc/cpuinfo', 'vendor_id : GenuineIntel\n')
    const { find } = await see(tree)
    expect(find('iommu', null)?.status).toBe('mend')
    expect(find('iommu', null)?.mend?.commands[0]).toContain('intel_iommu=on')
    const simulated = await see(tree, { boards: [digitizer] })
    expect(simulated.find('iommu', null)?.status).toBe('advice')
    expect(simulated.report.toMend).toBe(0)
  })

  it('must not let devices through without an IOMMU', async () => {
    const tree = new HostTree([bound]).groupFile(7)
    expect((await see(tree)).find('iommu', null)?.status).toBe('good')
    tree.write('sys/module/vfio/parameters/enable_unsafe_noiommu_mode', 'Y\n')
    expect((await see(tree)).find('iommu', null)?.status).toBe('mend')
  })

  it('says of the clock what can be seen', async () => {
    const tree = new HostTree()
    tree.write('proc/1/comm', 'init\n')
    expect((await see(tree)).find('clock', null)?.status).toBe('unknown')
    tree.write('proc/812/comm', 'chronyd\n')
    expect((await see(tree)).find('clock', null)).toMatchObject({
      status: 'unknown',
      mend: { commands: ['chronyc tracking'] },
    })
    tree.write('run/systemd/timesync/clock', '')
    expect((await see(tree)).find('clock', null)?.status).toBe('mend')
    tree.write('run/systemd/timesync/synchronized', '')
    expect((await see(tree)).find('clock', null)?.status).toBe('good')
  })

  it('has a disk under a data folder that is not there yet', async () => {
    const { find } = await see(new HostTree(), { dataFolder: '/nowhere/at/all' })
    expect(find('disk', null)?.seen).toMatch(/free in \/$/)
  })

  it('names simulated boards that could not be opened', async () => {
    const uses = new Map([['sim0', { failure: 'no recording', dmaMappings: 0 }]])
    const { find, report } = await see(new HostTree(), { boards: [digitizer], uses })
    expect(find('use', 'sim0')).toMatchObject({ status: 'mend', seen: 'no recording' })
    expect(report.process).toBe('server')
  })
})
