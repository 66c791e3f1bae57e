// The doctor over HTTP: what the host and the lab's boards lack, and what mends it.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DoctorReport } from '../contract/doctor.ts'
import type { DeviceHost } from './device-host.ts'

type DoctorOptions = { host: DeviceHost } & Parameters<DeviceHost['examine']>[0]

export const doctorRoutes: FastifyPluginAsyncTypebox<DoctorOptions> = async (
  app,
  { host, dataFolder, lockedByteLength },
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
    async () => host.examine({ dataFolder, lockedByteLength }),
  )
}
