// Real boards that this host cannot open: each says why and what to do, and the server and the other boards are there.

import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../../server/contract/doctor.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import type { VfioBoardConfig } from '../../../server/lab-config.ts'
import { eventually } from '../../support/faulty-lab.ts'
import { digitizer, openLab, type TestLab } from '../../support/test-lab.ts'

const real = (address: string, more: Partial<VfioBoardConfig> = {}): VfioBoardConfig => ({
  ...{ id: 'real', name: 'A real board', tags: [], bus: 'vfio', driver: 'xdma' },
  ...{ address, writable: false, config: { fragmentation: 0 } },
  ...more,
})
const absent = '00ff:ff:1f.7'
/** A device that works for this host through another driver. */
const busy = pciDevices().find((address) => {
  const driver = `/sys/bus/pci/devices/${address}/driver`
  return existsSync(driver) && !readlinkSync(driver).endsWith('/vfio-pci')
})

function pciDevices(): string[] {
  return existsSync('/sys/bus/pci/devices') ? readdirSync('/sys/bus/pci/devices') : []
}

const detailOf = async (lab: TestLab) => (await lab.get<BoardDetail>('/boards/real')).body

describe('a board on the VFIO bus that cannot be opened', () => {
  it('because nothing is at its address is offline, says so, and the others work', async () => {
    const lab = await openLab({ boards: [real(absent), digitizer] })
    const { address, status } = await detailOf(lab)
    expect(address).toBe(absent)
    expect(status.state).toBe('offline')
    expect(status.stateReason).toContain(absent)
    const refused = await lab.post('/boards/real/lease')
    expect([refused.status, refused.body.code]).toEqual([409, 'PINLAB_BOARD_NOT_READY'])
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
  })

  it.skipIf(busy === undefined)(
    'because another driver has it is offline and names what helps',
    async () => {
      const lab = await openLab({ boards: [real(busy as string)] })
      const { status } = await detailOf(lab)
      expect(status.state).toBe('offline')
      expect(status.stateReason).toContain('vfio-pci')
    },
  )

  it('because its driver does not exist names those that do', async () => {
    const lab = await openLab({ boards: [real(absent, { driver: 'magic' })] })
    expect((await detailOf(lab)).status.stateReason).toMatch(/magic.*xdma/)
  })

  it('stays offline when it is tried again in vain', async () => {
    const lab = await openLab({ boards: [real(absent)] })
    await lab.post('/boards/real/clear-quarantine', { reason: 'plugged it in' })
    const { status } = await eventually(
      () => detailOf(lab),
      (detail) => detail.status.state !== 'clearing',
    )
    expect(status.state).toBe('offline')
  })

  it('is with the doctor, over HTTP', async () => {
    const lab = await openLab({ boards: [real(absent), digitizer] })
    const { status, body } = await lab.get<DoctorReport>('/doctor')
    expect(status).toBe(200)
    expect(body).toMatchObject({ process: 'server', boards: [{ id: 'real', address: absent }, {}] })
    const found = body.findings.filter(({ board }) => board === 'real')
    expect(found.map(({ check, status }) => [check, status])).toEqual([
      ['device', 'mend'],
      ['use', 'mend'],
    ])
    expect(body.toMend).toBeGreaterThanOrEqual(2)
  })
})
