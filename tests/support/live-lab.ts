// The live feature on a real socket, over a scripted host and with timers that the test moves.

import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Transfer } from '../../server/contract/dma-session.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { problemOf } from '../../server/errors.ts'
import type { Actor } from '../../server/identity/permissions.ts'
import { liveRoutes } from '../../server/live/live-routes.ts'
import { newLiveStats } from '../../server/live/live-stats.ts'
import { socketOptions } from '../../server/live/socket-options.ts'
import { HandTimers } from './hand-timers.ts'
import { LiveClient } from './live-client.ts'
import { ScriptedDeviceHost } from './scripted-device-host.ts'

const operator: Actor = {
  id: '0b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f11',
  login: 'operator',
  name: 'An operator',
  role: 'operator',
  credential: 'a token',
  scopes: null,
  hasPassword: false,
}

export class LiveLab {
  readonly host = new ScriptedDeviceHost()
  readonly timers = new HandTimers()
  readonly stats = newLiveStats()
  readonly statuses = new Map<string, BoardStatus>([['sim0', newStatus('sim0')]])
  readonly sessions = new Map<string, { board: string; byteLength: number; state: string }>()
  statusReads = 0
  /** Taken by the next read of a status, which then waits for it with what it has read. */
  statusGate: Promise<void> | null = null
  boardChanged: (board: string) => void = () => {}
  transferChanged: (board: string, session: string, transfer: Transfer) => void = () => {}
  #url = ''

  private constructor(readonly app: FastifyInstance) {}

  static async open(): Promise<LiveLab> {
    const app = Fastify()
    const lab = new LiveLab(app)
    app.setErrorHandler((error, request, reply) => {
      const problem = problemOf(error, request.id)
      reply.code(problem.status).send(problem)
    })
    app.decorateRequest('actor')
    app.addHook('onRequest', async (request) => {
      request.actor = operator
    })
    await app.register(websocket, socketOptions)
    await app.register(liveRoutes, {
      host: lab.host,
      stats: lab.stats,
      timers: lab.timers,
      epoch: 'epoch-1',
      build: 'test',
      clock: { now: () => Date.UTC(2027, 0, 11) },
      checkMayView: async () => {},
      watchRights: () => () => {},
      onViewersChanged: () => () => {},
      sessionOf: async (id) => lab.sessions.get(id) ?? null,
      statusOf: (board) => lab.#statusOf(board),
      onBoardChanged: (listener) => {
        lab.boardChanged = listener
        return () => {}
      },
      onTransferChanged: (listener) => {
        lab.transferChanged = listener
        return () => {}
      },
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    lab.#url = `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1/live`
    return lab
  }

  get url(): string {
    return this.#url
  }

  connect(): Promise<LiveClient> {
    return LiveClient.connect(this.#url)
  }

  /** A locked session whose bytes are all `value`. */
  lock(byteLength: number, value = 1): string {
    const session = randomUUID()
    this.sessions.set(session, { board: 'sim0', byteLength, state: 'locked' })
    this.fill(session, value)
    return session
  }

  fill(session: string, value: number): void {
    const byteLength = this.sessions.get(session)?.byteLength ?? 0
    this.host.locks.set(session, new Uint8Array(byteLength).fill(value))
  }

  unlock(session: string): void {
    this.host.locks.delete(session)
    const ended = this.sessions.get(session)
    if (ended) ended.state = 'ended'
  }

  /** One period of a stream of `rate`. */
  async beat(rate = 30): Promise<void> {
    await this.timers.advance(1000 / rate)
  }

  close(): Promise<void> {
    return this.app.close()
  }

  async #statusOf(board: string): Promise<BoardStatus | null> {
    this.statusReads += 1
    const status = this.statuses.get(board) ?? null
    const gate = this.statusGate
    this.statusGate = null
    await gate
    // Longer than what a message before has set going in the server.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done))
    return status
  }
}

export function newStatus(board: string): BoardStatus {
  return {
    board,
    state: 'ready',
    stateSince: '2027-01-11T00:00:00.000Z',
    stateReason: null,
    step: null,
    health: null,
    dirty: false,
    lease: null,
    bookings: [],
    queue: [],
    sessions: [],
    faults: [],
    lockedByteLength: 0,
    limits: { lockedByteLength: 1, locks: 1 },
  }
}
