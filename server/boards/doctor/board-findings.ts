// What the facts of one board on the VFIO bus mean, and what mends it. Pure.

import type { Finding, FindingCheck } from '../../contract/doctor.ts'
import type { HostFacts } from './host-facts.ts'
import type { IommuGroup, PciDevice, PciFacts } from './pci-facts.ts'

/** How a server uses the board now. */
export interface BoardUse {
  /** Why it is not open; null: it is. */
  failure: string | null
  /** Device addresses of all its locks, in runs. */
  dmaMappings: number
}

export interface BoardFacts extends PciFacts {
  id: string
  address: string
  /** Null: nobody asked a server. */
  use: BoardUse | null
  /** Other boards of pinlab.yaml in its group. */
  sharers: string[]
}

type BoardFinding = Omit<Finding, 'board'>

const passThrough = 'vfio-pci'
/** With these drivers a neighbour does not keep a group from being viable. */
const harmless = new Set([passThrough, 'pci-stub', 'pcieport'])
const othersMask = 0o006
const nearLimit = 0.8

/** One finding for each step on the way from the slot to an open board; later steps are left out where an earlier one fails. */
export function boardFindings(board: BoardFacts, host: HostFacts): Finding[] {
  return steps(board, host).map((finding) => ({ ...finding, board: board.id }))
}

function steps(board: BoardFacts, host: HostFacts): BoardFinding[] {
  const found = [deviceFinding(board)]
  const { device, group } = board
  if (device) {
    found.push(driverFinding(device, host))
    if (group) found.push(membersFinding(board, group))
    else if (host.iommu.groups > 0) found.push(noGroup)
    if (group && device.driver === passThrough) found.push(fileFinding(group, host))
    found.push(busMasterFinding(board, device))
  }
  return [...found, ...useFindings(board, host)]
}

function deviceFinding({ address, device }: BoardFacts): BoardFinding {
  const finding = {
    check: 'device',
    title: 'Device',
    why: 'pinlab.yaml finds a board by its PCI address, which changes when cards are moved.',
  } as const
  if (device) return { ...finding, status: 'good', seen: `${device.id} at ${address}`, mend: null }
  return {
    ...finding,
    status: 'mend',
    seen: `there is no PCI device at ${address}`,
    mend: {
      text: 'See where it is now, and write that into pinlab.yaml. A card that was plugged in since is found by the second command:',
      commands: ['lspci -Dnn', 'echo 1 | sudo tee /sys/bus/pci/rescan'],
    },
  }
}

function driverFinding(device: PciDevice, { vfio }: HostFacts): BoardFinding {
  const finding = {
    check: 'driver',
    title: 'Bound to vfio-pci',
    why: 'vfio-pci hands the device to a program in user space; any other driver keeps it.',
  } as const
  if (device.driver === passThrough) {
    return { ...finding, status: 'good', seen: passThrough, mend: null }
  }
  const owner = device.driver
    ? ` What uses it through ${device.driver} loses it: take a disk or a network out of use first.`
    : ''
  const modprobe = vfio.hasDriver ? [] : ['sudo modprobe vfio-pci']
  return {
    ...finding,
    status: 'mend',
    seen: device.driver ? `bound to ${device.driver}` : 'bound to no driver',
    mend: {
      text: `Bind it, until the next restart.${owner}`,
      commands: [...modprobe, ...bindCommands(device)],
    },
  }
}

function bindCommands({ address, driver }: PciDevice): string[] {
  const folder = `/sys/bus/pci/devices/${address}`
  return [
    `echo ${passThrough} | sudo tee ${folder}/driver_override`,
    ...(driver ? [`echo ${address} | sudo tee ${folder}/driver/unbind`] : []),
    `echo ${address} | sudo tee /sys/bus/pci/drivers_probe`,
  ]
}

const aboutGroups = {
  check: 'groupMembers',
  title: 'IOMMU group',
  why: 'The devices of a group can reach each other past the IOMMU, so the kernel hands out a group as a whole or not at all.',
} as const

const noGroup: BoardFinding = {
  ...aboutGroups,
  status: 'mend',
  seen: 'in none, though the host has groups',
  mend: {
    text: 'The device is behind no IOMMU of this host. Put the board into another slot.',
    commands: [],
  },
}

function membersFinding({ sharers }: BoardFacts, { number, others }: IommuGroup): BoardFinding {
  const finding = aboutGroups
  const inTheWay = others.filter(({ driver }) => driver !== null && !harmless.has(driver))
  if (inTheWay.length > 0) {
    const named = inTheWay.map(({ address, id, driver }) => `${address} (${id}, ${driver})`)
    return {
      ...finding,
      status: 'mend',
      seen: `group ${number} is not viable: it also has ${named.join(', ')}`,
      mend: {
        text: 'Put the board into another slot, or give the whole group to vfio-pci. What uses these devices loses them:',
        commands: inTheWay.flatMap(bindCommands),
      },
    }
  }
  if (sharers.length > 0) {
    return {
      ...finding,
      status: 'mend',
      seen: `group ${number} also has ${sharers.join(', ')} of pinlab.yaml`,
      mend: {
        text: 'Only one board of a group can be open. Put one of them into another slot, or take it out of pinlab.yaml.',
        commands: [],
      },
    }
  }
  const company = others.length === 0 ? 'alone in it' : `with ${list(others)}, which does no harm`
  return { ...finding, status: 'good', seen: `group ${number}, ${company}`, mend: null }
}

const list = (devices: PciDevice[]) => devices.map(({ address }) => address).join(', ')

function fileFinding({ number, file }: IommuGroup, { user }: HostFacts): BoardFinding {
  const path = `/dev/vfio/${number}`
  const finding = {
    check: 'groupFile',
    title: 'Rights',
    why: `Whoever may open ${path} drives the device: those who run Pinlab have to, and nobody else should.`,
  } as const
  if (!file) {
    const mend = {
      text: 'The kernel makes it when the device is bound; in a container it has to be passed in.',
      commands: ['ls -l /dev/vfio'],
    }
    return { ...finding, status: 'mend', seen: `${path} is not there`, mend }
  }
  const mode = file.mode.toString(8).padStart(4, '0')
  const seen = `${path} is ${file.owner}:${file.group} ${mode}`
  if (file.mode & othersMask) {
    const mend = mendRights(path, user)
    return { ...finding, status: 'mend', seen: `${seen}: open to everybody`, mend }
  }
  if (file.mayUse) return { ...finding, status: 'good', seen, mend: null }
  return {
    ...finding,
    status: 'mend',
    seen: `${seen}, not for ${user}`,
    mend: mendRights(path, user),
  }
}

function mendRights(path: string, user: string) {
  const rule = `SUBSYSTEM=="vfio", OWNER="root", GROUP="pinlab", MODE="0660"`
  return {
    text: `Give it to a group of its own, 0660, now and after a restart. ${user} has to sign in again to be in the group.`,
    commands: [
      `sudo groupadd --system --force pinlab && sudo usermod -aG pinlab ${user}`,
      `echo '${rule}' | sudo tee /etc/udev/rules.d/60-pinlab-vfio.rules`,
      'sudo udevadm control --reload',
      `sudo chown root:pinlab ${path} && sudo chmod 0660 ${path}`,
    ],
  }
}

function busMasterFinding({ use }: BoardFacts, device: PciDevice): BoardFinding {
  const finding = {
    check: 'busMaster',
    title: 'Bus mastering',
    why: 'While it is on the device may read and write memory. Pinlab has it on only while the board is open and its engine is known to be idle or its own.',
  } as const
  const { busMaster, driver } = device
  if (busMaster === null) {
    return {
      ...finding,
      status: 'unknown',
      seen: 'configuration space does not answer',
      mend: null,
    }
  }
  const seen = busMaster ? 'on' : 'off'
  if (driver !== passThrough && driver !== null) {
    return { ...finding, status: 'good', seen: `${seen}, as ${driver} wants it`, mend: null }
  }
  if (!busMaster) return { ...finding, status: 'good', seen, mend: null }
  if (use?.failure === null) {
    return { ...finding, status: 'good', seen: 'on, for this Pinlab', mend: null }
  }
  const mend = {
    text: 'If no program has the device open, switch it off:',
    commands: [`sudo setpci -s ${device.address} COMMAND=0:4`],
  }
  return use
    ? { ...finding, status: 'mend', seen: 'on, though this Pinlab does not have it open', mend }
    : { ...finding, status: 'unknown', seen: 'on: some program may have it open', mend }
}

function useFindings({ use }: BoardFacts, { vfio }: HostFacts): BoardFinding[] {
  if (!use) return []
  return use.failure === null ? [dmaMappings(use, vfio.mappingLimit)] : [failed('use', use.failure)]
}

export function failed(check: FindingCheck, reason: string): BoardFinding {
  return {
    check,
    title: 'In use by Pinlab',
    why: 'Nobody can take a board that is not open.',
    status: 'mend',
    seen: reason,
    mend: {
      text: 'When the cause is mended, bring it back on its bench ("Bring back into use") or restart Pinlab.',
      commands: [],
    },
  }
}

function dmaMappings({ dmaMappings: count }: BoardUse, limit: number | null): BoardFinding {
  const finding = {
    check: 'dmaMappings',
    title: 'DMA mappings',
    why: 'The kernel allows so many for each IOMMU group; a lock of scattered pages takes one for each run of pages.',
  } as const
  if (limit === null) {
    return {
      ...finding,
      status: 'unknown',
      seen: `${count} in use, of an unknown number`,
      mend: null,
    }
  }
  const seen = `${count} of ${limit} in use`
  if (count < limit * nearLimit) return { ...finding, status: 'good', seen, mend: null }
  const mend = {
    text: 'Unlock what is not needed, lock contiguous memory, or allow more. The module takes it when it is loaded next:',
    commands: [
      `echo options vfio_iommu_type1 dma_entry_limit=${limit * 4} | sudo tee /etc/modprobe.d/pinlab-vfio.conf`,
    ],
  }
  return { ...finding, status: 'advice', seen, mend }
}
