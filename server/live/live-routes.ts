// GET /api/v1/live: the socket of the live protocol. Needs @fastify/websocket, registered with `socketOptions`.

import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { DeviceHost } from '../boards/device-host.ts'
import type { Transfer } from '../contract/dma-session.ts'
import { liveSubprotocol } from '../contract/frame.ts'
import type { ServerMessage } from '../contract/live.ts'
import type { BoardStatus } from '../contract/overview.ts'
import { PinlabError, problemOf } from '../errors.ts'
import type { Actor } from '../identity/permissions.ts'
import { BoardFeeds } from './board-feeds.ts'
import { Heartbeat } from './heartbeat.ts'
import { LiveConnection } from './live-connection.ts'
import { liveLimits, type ViewedSession } from './live-rules.ts'
import { type LiveStats, newLiveStats } from './live-stats.ts'
import { type LiveTimers, realTimers } from './live-timers.ts'
import { ViewStreams } from './view-streams.ts'

export interface LiveOptions {
  host: DeviceHost
  /** Null: there is no such board. */
  statusOf: (board: string) => Promise<BoardStatus | null>
  /** Rejects whoever may not see the bytes of the board's locks. */
  checkMayView: (actor: Actor, board: string) => Promise<void>
  /** Tells that others than before may see the bytes of a board's locks. */
  onViewersChanged: (listener: (board: string) => void) => () => void
  /** Calls `onEnd` when the actor's credential ends or its rights change. Returns what ends the watch. */
  watchRights: (actor: Actor, onEnd: () => void) => () => void
  /** Null: there is no such session. */
  sessionOf: (id: string) => Promise<ViewedSession | null>
  onBoardChanged: (listener: (board: string) => void) => () => void
  onTransferChanged: (
    listener: (board: string, session: string, transfer: Transfer) => void,
  ) => () => void
  epoch: string
  build: string
  clock: { now(): number }
  stats?: LiveStats
  timers?: LiveTimers
}

/** How long a client may take to answer the server's goodbye. */
const goodbyeMs = 1000

export const liveRoutes: FastifyPluginAsync<LiveOptions> = async (app, options) => {
  const { host, statusOf, sessionOf, stats = newLiveStats(), timers = realTimers } = options
  const onError = (error: unknown) => app.log.error({ err: error }, 'live view failed')
  const streams = new ViewStreams({ host, timers, sessionOf, onError })
  const feeds = new BoardFeeds({ timers, statusOf, onError })
  const heartbeat = new Heartbeat(timers, liveLimits.heartbeatMs)
  const connections = new Map<WebSocket, { person: string; connection: LiveConnection }>()

  function countOf(person: string): number {
    return [...connections.values()].filter((open) => open.person === person).length
  }

  const stopListening = [
    options.onBoardChanged((board) => {
      feeds.statusChanged(board)
      streams.endOver(board).catch(onError)
    }),
    options.onViewersChanged((board) => {
      for (const { connection } of connections.values()) {
        connection.checkRights(board).catch(onError)
      }
    }),
    options.onTransferChanged((board, session, transfer) =>
      feeds.transferChanged(board, session, transfer),
    ),
  ]

  app.get(
    '/api/v1/live',
    { websocket: true, config: { permission: 'lab.read' }, preValidation: requireSubprotocol },
    (socket, request) => {
      const { actor, id: requestId } = request
      if (countOf(actor.id) >= liveLimits.socketsPerPerson) return refuse(socket, requestId)
      const checkMayView = (board: string) => options.checkMayView(actor, board)
      const connection = new LiveConnection({
        ...{ socket, feeds, streams, sessionOf, stats, requestId, onError, checkMayView },
      })
      const stopWatching = options.watchRights(actor, () => connection.loseRights())
      connections.set(socket, { person: actor.id, connection })
      stats.connections += 1
      heartbeat.add(socket)
      socket.on('close', () => {
        stopWatching()
        connections.delete(socket)
        stats.connections -= 1
      })
      connection.send({
        op: 'hello',
        epoch: options.epoch,
        serverTime: new Date(options.clock.now()).toISOString(),
        build: options.build,
        limits: {
          views: liveLimits.views,
          bytesInFlight: liveLimits.bytesInFlight,
          framesInFlight: liveLimits.framesInFlight,
          maxViewByteLength: liveLimits.maxViewByteLength,
        },
      })
    },
  )

  app.addHook('preClose', async () => {
    for (const stop of stopListening) stop()
    const closed = [...connections.keys()].map(whenClosed)
    for (const { connection } of connections.values()) connection.stop()
    await Promise.all(closed)
  })
}

async function requireSubprotocol(request: FastifyRequest): Promise<void> {
  if (!request.ws) return
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? []
  if (offered.some((protocol) => protocol.trim() === liveSubprotocol)) return
  throw new PinlabError(
    'PINLAB_REQUEST_INVALID',
    `The live socket speaks ${liveSubprotocol}; offer it as the subprotocol.`,
  )
}

/** On the socket itself: a browser's page is not told why an upgrade was refused. */
function refuse(socket: WebSocket, requestId: string): void {
  const error = new PinlabError(
    'PINLAB_LIVE_SOCKET_LIMIT',
    `One person has at most ${liveLimits.socketsPerPerson} live connections. Close other pages or scripts.`,
  )
  const message: ServerMessage = { op: 'error', id: 0, problem: problemOf(error, requestId) }
  socket.send(JSON.stringify(message))
  socket.close(1013, 'too many live connections of one person')
}

/** Resolves when the socket is closed; ends it when its client does not answer the goodbye. */
function whenClosed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => socket.terminate(), goodbyeMs)
    socket.on('close', () => {
      clearTimeout(impatience)
      resolve()
    })
  })
}
