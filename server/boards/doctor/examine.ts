// The doctor: collects the facts of this host and of the lab's boards, and says what they mean. Opens no board.

import { hostname } from 'node:os'
import type { DoctorReport, Finding } from '../../contract/doctor.ts'
import type { BoardConfig, VfioBoardConfig } from '../../lab-config.ts'
import { type BoardUse, boardFindings, failed } from './board-findings.ts'
import { type HostFacts, hostFacts } from './host-facts.ts'
import { realRoots } from './host-files.ts'
import { hostFindings } from './host-findings.ts'
import { type PciFacts, pciFacts } from './pci-facts.ts'

export interface Examination {
  boards: BoardConfig[]
  dataFolder: string
  /** What all locks together may come to. */
  lockedByteLength: number
  /** How the server uses each board; null: there is no server here. */
  uses: Map<string, BoardUse> | null
  roots?: typeof realRoots
}

export async function examine(examination: Examination): Promise<DoctorReport> {
  const { boards, dataFolder, lockedByteLength, uses, roots = realRoots } = examination
  const process = uses ? 'server' : 'command'
  const host = await hostFacts(roots, dataFolder)
  const real = boards.filter((board) => board.bus === 'vfio')
  const devices = new Map<string, PciFacts>()
  for (const { id, address } of real) devices.set(id, await pciFacts(roots, address))
  const findings = [
    ...hostFindings(host, { realBoards: real.length > 0, lockedByteLength, process }),
    ...boards.flatMap((board) =>
      board.bus === 'vfio'
        ? realBoard(board, { devices, host, uses })
        : simulatedBoard(board.id, uses),
    ),
  ]
  return {
    checkedAt: new Date().toISOString(),
    process,
    host: hostname(),
    boards: boards.map((board) => ({
      id: board.id,
      name: board.name,
      bus: board.bus,
      driver: board.driver,
      address: board.bus === 'vfio' ? board.address : null,
    })),
    findings,
    toMend: findings.filter(({ status }) => status === 'mend').length,
  }
}

function realBoard(
  { id, address }: VfioBoardConfig,
  {
    devices,
    host,
    uses,
  }: { devices: Map<string, PciFacts>; host: HostFacts; uses: Examination['uses'] },
): Finding[] {
  const facts = devices.get(id) ?? { device: null, group: null }
  const sharers = [...devices]
    .filter(([other, { group }]) => other !== id && group && group.number === facts.group?.number)
    .map(([other]) => other)
  return boardFindings({ id, address, ...facts, sharers, use: uses?.get(id) ?? null }, host)
}

/** It needs nothing of the host but that it could be opened. */
function simulatedBoard(id: string, uses: Examination['uses']): Finding[] {
  const failure = uses?.get(id)?.failure ?? null
  return failure === null ? [] : [{ ...failed('use', failure), board: id }]
}
