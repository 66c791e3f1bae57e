// The one explicit, ordered list of plugins and features.

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { record } from './audit/audit.ts'
import { beginLog } from './audit/audit-log.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { recordRestore } from './audit/backup/restored.ts'
import { checkpointSinks } from './audit/checkpoint-places.ts'
import { readVerifierKeys } from './audit/checkpoint-store.ts'
import { Checkpoints } from './audit/checkpoints.ts'
import { Outcomes } from './audit/outcomes.ts'
import { openSigningKey } from './audit/signing-key.ts'
import { Spool } from './audit/spool.ts'
import { Webhooks } from './audit/webhooks.ts'
import { Boards } from './boards/boards.ts'
import { clockRoutes } from './boards/clock-routes.ts'
import type { DeviceHost } from './boards/device-host.ts'
import { doctorRoutes } from './boards/doctor-routes.ts'
import { bookingRoutes } from './bookings/booking-routes.ts'
import { calendarFeedRoutes } from './bookings/calendar-feed-routes.ts'
import { leaseRoutes } from './bookings/lease-routes.ts'
import { eraseNamesOfSharing } from './bookings/person-names-store.ts'
import { policyRoutes } from './bookings/policy-routes.ts'
import { queueRoutes } from './bookings/queue-routes.ts'
import { Sharing } from './bookings/sharing.ts'
import type { Clock } from './clock.ts'
import { type Config, withoutSecrets } from './config.ts'
import { captureRoutes } from './dma/capture-routes.ts'
import { dataRoutes } from './dma/data-routes.ts'
import { Dma } from './dma/dma.ts'
import { healthRoutes } from './dma/health-routes.ts'
import { eraseNamesOfOwner } from './dma/owner-names-store.ts'
import { quarantineRoutes } from './dma/quarantine-routes.ts'
import { recipeRoutes } from './dma/recipes/recipe-routes.ts'
import { RecipeServices } from './dma/recipes/recipe-services.ts'
import { registerRoutes } from './dma/register-routes.ts'
import { sessionRoutes } from './dma/session-routes.ts'
import { transferRoutes } from './dma/transfer-routes.ts'
import { accountRoutes } from './identity/account-routes.ts'
import { SignInCookie } from './identity/cookie.ts'
import { erasePerson } from './identity/erase-person.ts'
import { checkPermission, identity, makePublic } from './identity/identity.ts'
import { IdentityServices } from './identity/identity-services.ts'
import { peopleRoutes } from './identity/people-routes.ts'
import { auditSightOf, systemActor } from './identity/permissions.ts'
import { providerRoutes } from './identity/provider-routes.ts'
import { signInRoutes } from './identity/sign-in-routes.ts'
import { liveRoutes } from './live/live-routes.ts'
import { newLiveStats } from './live/live-stats.ts'
import { socketOptions } from './live/socket-options.ts'
import { benchViewsRoutes } from './overview/bench-views-routes.ts'
import { BoardStatuses } from './overview/board-status.ts'
import { measure } from './overview/measures.ts'
import { overviewRoutes } from './overview/overview-routes.ts'
import { UsageReports } from './overview/usage.ts'
import { usageRoutes } from './overview/usage-routes.ts'
import { dashboard } from './plugins/dashboard.ts'
import type { Database } from './plugins/database/database.ts'
import { metrics } from './plugins/metrics.ts'
import { openApi } from './plugins/open-api.ts'
import { overload } from './plugins/overload.ts'
import { problemDocuments } from './plugins/problem-documents.ts'
import { quietLogger } from './plugins/request-log.ts'
import { sameOrigin } from './plugins/same-origin.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { validation } from './plugins/validation.ts'
import { projectRoot, version } from './project-root.ts'

export interface AppParts {
  config: Pick<
    Config,
    'network' | 'provider' | 'limits' | 'dataFolder' | 'webhooks' | 'checkpoints'
  >
  database: Database
  host: DeviceHost
  clock: Clock
  logger: FastifyServerOptions['logger']
  /** When new work is refused because the server is behind; the plugin's own limit if left out. */
  eventLoopDelayMs?: number
  /** Told once, at the start of a lab that nobody can sign in to. */
  onSetUpDue?: (token: string) => void
}

const sweepPeriodMs = 1000
/** A request must have arrived by then; 16 MiB do at 1.1 Mbit/s. */
const slowestRequestMs = 120_000

/** The server, ready to listen or to be injected. Closing it stops engines, unlocks memory and closes host and database. */
export async function buildApp({
  config,
  database,
  host,
  clock,
  logger,
  eventLoopDelayMs,
  onSetUpDue,
}: AppParts): Promise<FastifyInstance> {
  const { network } = config
  const app = Fastify({
    logger: quietLogger(logger),
    trustProxy: network.trustedProxies.length > 0 ? network.trustedProxies : false,
    ...(network.tls ? { https: network.tls } : {}),
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    requestTimeout: slowestRequestMs,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  // Bodies are JSON: a form of another site can send text without asking first.
  app.removeContentTypeParser('text/plain')

  const { dataFolder } = config
  const checkpoints = new Checkpoints({
    ...{ database, clock, dataFolder, log: app.log },
    signer: openSigningKey(dataFolder, await readVerifierKeys(database.reader)),
    sinks: checkpointSinks({ ...config, clock }),
  })
  const webhooks = new Webhooks({ hooks: config.webhooks, database, clock, log: app.log })
  const services = new IdentityServices({
    database,
    clock,
    dataFolder: config.dataFolder,
    provider: config.provider,
    onError: (error) => app.log.error({ err: error }, 'a credential was not noted as used'),
  })
  const { credentials } = services
  const signInCookie = new SignInCookie(network)
  const outcomes = new Outcomes({ database, log: app.log, ...Spool.open(dataFolder) })
  const boards = new Boards(host, database, clock, outcomes)
  const sharing = new Sharing(boards, database, clock, outcomes)
  const { leases } = sharing
  const { limits } = config
  const shared = { boards, leases, database, clock, outcomes }
  const dma = new Dma({ ...shared, host, limits, dataFolder, log: app.log })
  sharing.sweeping.maintenanceOver.on((board) => void dma.quarantine.endMaintenance(board))
  const recipes = new RecipeServices({ ...shared, dma, credentials })
  const statuses = new BoardStatuses(boards, sharing, dma, config.limits)
  const { people } = services
  const usage = new UsageReports({ database, clock, policies: sharing.policies, people })
  const liveStats = newLiveStats()

  await app.register(problemDocuments)
  await app.register(overload, eventLoopDelayMs === undefined ? {} : { eventLoopDelayMs })
  await app.register(validation)
  await app.register(securityHeaders, network)
  // Before whoever may refuse an upgrade: it closes the connection of one that was refused.
  await app.register(websocket, socketOptions)
  await app.register(sameOrigin, network)
  await app.register(identity, { credentials, signInCookie })
  await app.register(openApi)
  await app.register(metrics, measure(dma, statuses, liveStats))

  await app.register(
    async (api) => {
      await api.register(signInRoutes, { ...services, ...network, signInCookie })
      const { provider } = services
      if (provider) await api.register(providerRoutes, { provider, signInCookie, network })
      await api.register(accountRoutes, services)
      await api.register(peopleRoutes, services)
      await api.register(auditRoutes, {
        ...{ database, checkpoints, clock, dataFolder, webhooks },
        sightOf: ({ actor }) => auditSightOf(actor),
        async checkMayExport({ actor }, session) {
          if (session === undefined) checkPermission(actor, 'session.read-all')
          else await dma.readSession(session, actor)
        },
        search: {
          namesOf: (ids) => people.namesOf(ids),
          ownerOf: async (session) => (await dma.findSession(session))?.owner ?? null,
        },
        erasing: {
          names: [erasePerson(clock), eraseNamesOfSharing, eraseNamesOfOwner],
          onErased: (person) => credentials.forget({ person }),
        },
      })
      await api.register(policyRoutes, sharing)
      await api.register(bookingRoutes, sharing)
      await api.register(queueRoutes, sharing)
      await api.register(leaseRoutes, sharing)
      await api.register(calendarFeedRoutes, sharing)
      await api.register(sessionRoutes, { dma })
      await api.register(transferRoutes, { dma })
      await api.register(dataRoutes, { dma })
      await api.register(captureRoutes, dma)
      await api.register(registerRoutes, { dma })
      await api.register(recipeRoutes, recipes)
      await api.register(quarantineRoutes, { dma })
      await api.register(healthRoutes, { dma })
      await api.register(overviewRoutes, { statuses })
      await api.register(usageRoutes, { usage })
      await api.register(benchViewsRoutes, { boards, database })
      await api.register(doctorRoutes, {
        host,
        dataFolder: config.dataFolder,
        lockedByteLength: config.limits.lockedByteLengthPerHost,
        clock,
      })
      await api.register(clockRoutes, { clock, database })
    },
    { prefix: '/api/v1' },
  )
  await app.register(liveRoutes, {
    host,
    watchRights: (actor, onEnd) => credentials.watch(actor, onEnd),
    checkMayView: async (actor, board) => {
      if (await leases.isWatchable(board)) return
      checkPermission(actor, 'board.control')
      await leases.controlOf(board, actor)
    },
    // At its end a lease's views end with its sessions.
    onViewersChanged: (listener) =>
      leases.changed.on(({ board, state }) => {
        if (state === 'active') listener(board)
      }),
    statusOf: (board) => statuses.find(board),
    sessionOf: (id) => dma.findSession(id),
    onBoardChanged(listener) {
      const ends = [
        boards.changed.on(listener),
        dma.locking.changed.on(listener),
        dma.faults.changed.on(listener),
      ]
      return () => ends.forEach((end) => void end())
    },
    onTransferChanged: (listener) => dma.transfers.changed.on(listener),
    epoch: randomUUID(),
    build: version,
    clock,
    stats: liveStats,
  })
  await app.register(async (scope) => {
    makePublic(scope)
    await scope.register(swaggerUi, { routePrefix: '/api/docs' })
    await scope.register(dashboard, { folder: join(projectRoot, 'dist', 'web') })
  })

  await beginLog(database, app.log)
  await checkpoints.begin()
  await recordRestore(database, { dataFolder, log: app.log })
  await webhooks.begin()
  await outcomes.begin()
  await boards.reconcile()
  await leases.reconcile()
  await dma.reconcile()
  const started = {
    ...{ version, node: process.version, configuration: withoutSecrets(config) },
    boards: (await host.boards()).map(({ description: { id, name, bus, driver, tags } }) => ({
      ...{ id, name, bus, driver, tags },
    })),
  }
  await database.write((tx) =>
    record(tx, { type: 'server.started', actor: systemActor, detail: started }),
  )
  const token = await services.beginSetUp()
  if (token) onSetUpDue?.(token)
  const sweeps = [
    () => outcomes.workOff(),
    () => credentials.sweep(),
    () => sharing.sweeping.sweep(),
    () => dma.sweep(),
    () => checkpoints.sweep(),
    () => webhooks.sweep(),
  ]
  const stopSweep = clock.every(sweepPeriodMs, async () => {
    for (const sweep of sweeps) {
      // What one cannot do must not keep the others from theirs.
      try {
        await sweep()
      } catch (error) {
        app.log.error({ err: error }, 'a part of the sweep failed')
      }
    }
  })

  app.addHook('onClose', async () => {
    stopSweep()
    await webhooks.close()
    await dma.shutDown()
    const stopped = { type: 'server.stopped', actor: systemActor } as const
    await database.write((tx) => record(tx, stopped)).catch(() => {})
    await checkpoints.close()
    outcomes.close()
    await host.close()
    await database.close()
  })
  return app
}
