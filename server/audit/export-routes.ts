// The log for elsewhere: with its proofs, as plain lines, or for a spreadsheet.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { ExportQuery } from '../contract/audit.ts'
import type { AuditExports, Exporter } from './audit-exports.ts'

export const exportRoutes: FastifyPluginAsyncTypebox<{
  exports: AuditExports
  /** Throws unless who asks may read this DMA session, or, without one, the whole log. */
  exporterOf: (request: FastifyRequest, session: string | undefined) => Promise<Exporter>
}> = async (app, { exports, exporterOf }) => {
  app.get(
    '/audit/export',
    {
      config: { permission: 'session.read' },
      // Would be an export that nobody takes.
      exposeHeadRoute: false,
      schema: {
        summary:
          'The record, whole for administrators and auditors, or of a DMA session: a bundle that proves itself, JSON lines, or CSV',
        querystring: ExportQuery,
        produces: ['application/x-tar', 'application/x-ndjson', 'text/csv'],
      },
    },
    async (request, reply) => {
      const { query } = request
      const exporter = await exporterOf(request, query.session)
      const { fileName, mediaType, byteLength, content } = await exports.begin(query, exporter)
      // What names people is not for a cache.
      reply.header('cache-control', 'no-store').type(mediaType)
      reply.header('content-disposition', `attachment; filename="${fileName}"`)
      if (byteLength !== null) reply.header('content-length', byteLength)
      return reply.send(content)
    },
  )
}
