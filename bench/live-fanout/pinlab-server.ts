// The live feature as the server runs it, over a host whose memory changes with every read.

import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { DeviceHost, HostViewFrame } from '../../server/boards/device-host.ts'
import type { Actor } from '../../server/identity/permissions.ts'
import { liveRoutes } from '../../server/live/live-routes.ts'
import { socketOptions } from '../../server/live/socket-options.ts'
import { answerParent } from './server-process.ts'
import { now, windowByteLength } from './shape.ts'

const memory = new Uint8Array(windowByteLength)

async function readView(_: number, headroom: number): Promise<HostViewFrame> {
  const window = { offset: 0, byteLength: windowByteLength }
  const last = windowByteLength - 1
  memory[last] = ((memory[last] ?? 0) + 1) % 256
  const capturedAt = now()
  const bytes = new Uint8Array(headroom + windowByteLength)
  bytes.set(memory, headroom)
  const state = { torn: false, overrun: false, triggerAhead: null, bytesCompleted: 0 }
  return { bytes, capturedAt, ...window, ...state }
}

const views: Pick<DeviceHost, 'openView' | 'readView' | 'closeView'> = {
  openView: async () => ({ viewId: 1 }),
  readView,
  closeView: async () => ({ overrun: false }),
}

/** Viewers take turns to be one of them: nobody may have a hundred sockets. */
const people = ['ann', 'ben', 'cleo'].map(
  (login): Actor => ({
    ...{ id: login, login, name: login, role: 'operator', hasPassword: false },
    ...{ credential: `a token of ${login}`, scopes: null },
  }),
)
let connections = 0

const app = Fastify()
app.decorateRequest('actor')
app.addHook('onRequest', async (request) => {
  request.actor = people[connections++ % people.length] as Actor
})
await app.register(websocket, socketOptions)
await app.register(liveRoutes, {
  host: views as DeviceHost,
  checkMayView: async () => {},
  watchRights: () => () => {},
  onViewersChanged: () => () => {},
  statusOf: async () => null,
  sessionOf: async () => ({ board: 'sim0', byteLength: windowByteLength, state: 'locked' }),
  onBoardChanged: () => () => {},
  onTransferChanged: () => () => {},
  epoch: 'bench',
  build: 'bench',
  clock: { now: () => Date.now() },
})
await app.listen({ host: '127.0.0.1', port: 0 })
answerParent((app.server.address() as AddressInfo).port)
