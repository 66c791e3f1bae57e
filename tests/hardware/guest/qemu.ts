// The machine, as QEMU's command line. KVM would be quicker but is rarely there; the emulated processor is the same everywhere.

import type { GuestImages } from './prepare.ts'

export type BoardModel = 'edu' | 'nvme' | 'e1000e'

export interface MachineParts {
  boards: BoardModel[]
  memoryMiB: number
  images: GuestImages
  ports: { command: number; server: number; framesFrom: number; framesTo: number }
  /** File behind the NVMe's namespace. */
  nvme: string
}

export function qemuArguments({ boards, memoryMiB, images, ports, nvme }: MachineParts): string[] {
  const disk = (file: string) => ['-drive', `file=${file},if=virtio,format=raw,readonly=on`]
  const forward = (from: number, to: number) => `hostfwd=tcp:127.0.0.1:${from}-:${to}`
  const options: Record<BoardModel, string[]> = {
    edu: ['-device', 'edu'],
    nvme: [
      ...['-drive', `file=${nvme},if=none,id=nvme,format=raw`],
      ...['-device', 'nvme,drive=nvme,serial=pinlab'],
    ],
    e1000e: [
      '-netdev',
      `socket,id=frames,udp=127.0.0.1:${ports.framesFrom},localaddr=127.0.0.1:${ports.framesTo}`,
      ...['-device', 'e1000e,netdev=frames,romfile='],
    ],
  }
  return [
    ...['qemu-system-x86_64', '-machine', 'q35,kernel-irqchip=split'],
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', String(memoryMiB)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-device', 'intel-iommu,intremap=on'],
    ...boards.flatMap((board) => options[board]),
    ...disk(images.packages),
    ...disk(images.project),
    ...[
      '-netdev',
      `user,id=net,restrict=on,${forward(ports.command, 7000)},${forward(ports.server, 80)}`,
    ],
    // Two functions without access control are one IOMMU group: the second one's is not viable while the first one is at work.
    ...['-device', 'virtio-net-pci,netdev=net,romfile=,addr=10.0,multifunction=on'],
    ...['-device', 'virtio-rng-pci,addr=10.1'],
    ...['-kernel', images.kernel, '-initrd', images.initramfs],
    ...['-append', 'console=ttyS0 panic=-1 intel_iommu=on quiet'],
  ]
}
