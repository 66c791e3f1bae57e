// Everything about the log over HTTP, in one place for the application. What it needs from features above it is handed in.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AuditExports } from './audit-exports.ts'
import { AuditSearch, type AuditSearchParts, type AuditSight } from './audit-search.ts'
import { auditSearchRoutes } from './audit-search-routes.ts'
import { checkpointRoutes } from './checkpoint-routes.ts'
import { Erasing, type ErasingParts } from './erasing.ts'
import { exportRoutes } from './export-routes.ts'
import { keepingRoutes } from './keeping-routes.ts'
import type { KeyChangeParts } from './key-change.ts'
import { Pruning } from './pruning.ts'
import { webhookRoutes } from './webhook-routes.ts'
import type { Webhooks } from './webhooks.ts'

export interface AuditRoutesParts extends Omit<KeyChangeParts, 'log'> {
  webhooks: Webhooks
  search: Omit<AuditSearchParts, 'database'>
  erasing: Omit<ErasingParts, 'database'>
  /** What who asks may see. */
  sightOf: (request: FastifyRequest) => AuditSight
  /** Throws unless who asks may take this DMA session's record away, or, without one, the whole log. */
  checkMayExport: (request: FastifyRequest, session: string | undefined) => Promise<void>
}

export const auditRoutes: FastifyPluginAsyncTypebox<AuditRoutesParts> = async (
  app,
  { webhooks, search, erasing, sightOf, checkMayExport, ...parts },
) => {
  const { database, checkpoints, clock } = parts
  await app.register(webhookRoutes, { webhooks })
  await app.register(checkpointRoutes, { checkpoints, database })
  await app.register(auditSearchRoutes, {
    search: new AuditSearch({ ...search, database }),
    sightOf,
  })
  await app.register(exportRoutes, {
    exports: new AuditExports({ database, checkpoints, clock }),
    async exporterOf(request, session) {
      await checkMayExport(request, session)
      const { person, parts: kinds } = sightOf(request)
      return { id: person, kinds }
    },
  })
  await app.register(keepingRoutes, {
    keyChange: parts,
    pruning: new Pruning({ database, checkpoints, webhooks }),
    erasing: new Erasing({ ...erasing, database }),
  })
}
