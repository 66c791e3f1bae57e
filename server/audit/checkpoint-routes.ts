// The newest signed head of the log, for whoever wants to keep one.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CheckpointStatus } from '../contract/audit.ts'
import type { Database } from '../plugins/database/database.ts'
import { readDamage, readTree } from './audit-store.ts'
import type { Checkpoints } from './checkpoints.ts'

export const checkpointRoutes: FastifyPluginAsyncTypebox<{
  checkpoints: Checkpoints
  database: Database
}> = async (app, { checkpoints, database }) => {
  app.get(
    '/audit/checkpoint',
    {
      config: { permission: 'lab.read' },
      schema: {
        summary: 'The newest signed head of the audit log, and where heads are kept',
        response: { 200: CheckpointStatus },
      },
    },
    async () => {
      const { signer, last, sinks } = checkpoints
      const { size } = await readTree(database.reader)
      const { name: origin, text: key } = signer.key
      const checkpoint = last && { size: last.size, at: last.at.toISOString(), note: last.note }
      return { origin, key, size, checkpoint, sinks, damage: await readDamage(database.reader) }
    },
  )
}
