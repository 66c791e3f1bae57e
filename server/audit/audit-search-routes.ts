// Searching the log over HTTP.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AuditEventEntry, AuditQuery } from '../contract/audit.ts'
import { Page } from '../contract/schema.ts'
import type { AuditSearch, AuditSight } from './audit-search.ts'

export const auditSearchRoutes: FastifyPluginAsyncTypebox<{
  search: AuditSearch
  sightOf: (request: FastifyRequest) => AuditSight
}> = async (app, { search, sightOf }) => {
  app.get(
    '/audit/events',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'Events of the audit log, newest first: all, or one’s own',
        querystring: AuditQuery,
        response: { 200: Page(AuditEventEntry) },
      },
    },
    async (request) => search.find(request.query, sightOf(request)),
  )
}
