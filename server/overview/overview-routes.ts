// The lab at a glance, and whether the server is well.

import { hostname } from 'node:os'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { BoardDetail, BoardSummary, ServerHealth } from '../contract/overview.ts'
import { BoardId, Page } from '../contract/schema.ts'
import { version } from '../project-root.ts'
import type { BoardStatuses } from './board-status.ts'

export const overviewRoutes: FastifyPluginAsyncTypebox<{ statuses: BoardStatuses }> = async (
  app,
  { statuses },
) => {
  const startedAt = new Date().toISOString()

  app.get(
    '/boards',
    {
      config: { permission: 'lab.read' },
      schema: { summary: 'All boards of the lab', response: { 200: Page(BoardSummary) } },
    },
    async () => ({ items: await statuses.list(), next: null }),
  )

  app.get(
    '/boards/:board',
    {
      config: { permission: 'lab.read' },
      schema: {
        summary: 'One board: what it is, its registers and channels, and who has it',
        params: Type.Object({ board: BoardId }),
        response: { 200: BoardDetail },
      },
    },
    async ({ params }) => statuses.one(params.board),
  )

  app.get(
    '/health',
    {
      config: { permission: 'public' },
      schema: {
        summary: 'Whether the server answers and can serve',
        response: { 200: ServerHealth },
      },
    },
    async () => {
      const boards = await statuses.list()
      const unfit = boards.filter(({ status }) => ['offline', 'quarantined'].includes(status.state))
      return {
        ready: true,
        version,
        host: hostname(),
        startedAt,
        boards: { total: boards.length, ready: boards.length - unfit.length },
      }
    },
  )
}
