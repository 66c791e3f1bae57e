// The doctor over HTTP: what the host and the lab's boards lack, and what mends it.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Clock } from '../clock.ts'
import { DoctorReport } from '../contract/doctor.ts'
import type { DeviceHost } from './device-host.ts'
import { steppedFinding } from './doctor/clock-finding.ts'

type DoctorOptions = { host: DeviceHost; clock: Clock } & Parameters<DeviceHost['examine']>[0]

export const doctorRoutes: FastifyPluginAsyncTypebox<DoctorOptions> = async (
  app,
  { host, dataFolder, lockedByteLength, clock },
) => {
  app.get(
    '/doctor',
    {
      config: { permission: 'host.inspect' },
      schema: {
        summary:
          'IOMMU, devices and their rights, limits, clock and disk: what was seen, why it matters, and the commands that mend it',
        response: { 200: DoctorReport },
      },
    },
    async () => {
      const report = await host.examine({ dataFolder, lockedByteLength })
      const step = clock.step()
      if (!step) return report
      const findings = [steppedFinding(step), ...report.findings]
      return { ...report, findings, toMend: report.toMend + 1 }
    },
  )
}
