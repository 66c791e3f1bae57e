// A server that kills itself with SIGKILL at one call of the stopping sequence, in the middle of a transfer. Its only argument is a
// Doom as JSON. It begins the end of the lease; that it is killed is all that it has to say.

import type { LightMyRequestResponse } from 'fastify'
import { buildApp } from '../../../../server/app.ts'
import { LocalDeviceHost } from '../../../../server/boards/local-device-host.ts'
import type { LockLimits } from '../../../../server/config.ts'
import type { BoardConfig } from '../../../../server/lab-config.ts'
import { onLoopback } from '../../../../server/network.ts'
import { Database } from '../../../../server/plugins/database/database.ts'
import { aroundHost, type HostCall } from '../../../support/around-host.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { addTestPerson } from '../../../support/people.ts'

export interface Doom {
  dataFolder: string
  board: BoardConfig
  limits: LockLimits
  call: HostCall
  when: 'before' | 'after'
  end: 'released' | 'expired'
}

const byteLength = 5 * 1024 * 1024

const doom: Doom = JSON.parse(process.argv[2] ?? '')
const { dataFolder, board, limits } = doom
let isArmed = false

function dieAt(when: Doom['when']) {
  return async (call: HostCall) => {
    if (!isArmed || call !== doom.call || when !== doom.when) return
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  }
}

const clock = new FakeClock()
const database = await Database.open(dataFolder)
const host = aroundHost(await LocalDeviceHost.open([board], clock), {
  before: dieAt('before'),
  after: dieAt('after'),
})
const checkpoints = { webhooks: [], syslog: [] }
const config = {
  network: onLoopback,
  provider: null,
  limits,
  dataFolder,
  webhooks: [],
  checkpoints,
}
const app = await buildApp({ config, database, host, clock, logger: false })
const { token } = await addTestPerson(database, 'operator')

async function send(method: 'GET' | 'POST', path: string, payload?: object) {
  const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` }
  const url = `/api/v1${path}`
  const answer: LightMyRequestResponse = await app.inject({
    ...{ method, url, headers },
    ...(payload ? { payload } : {}),
  })
  if (answer.statusCode >= 400) throw new Error(`${path}: ${answer.body}`)
  return answer.json()
}

const lease = await send('POST', `/boards/${board.id}/lease`, {})
const options = ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS']
const memory = { kind: 'scatterGather', byteLength, direction: 'fromDevice', maxPages: 4096 }
const { id } = await send('POST', `/boards/${board.id}/locks`, { ...memory, options })
const ring = { channel: 'c2h1', mode: 'cyclic', byteLength }
await send('POST', `/dma-sessions/${id}/transfers`, ring)
for (;;) {
  const { bytesCompleted } = await send('GET', `/dma-sessions/${id}/transfers/1`)
  if (bytesCompleted > 0) break
}
isArmed = true
if (doom.end === 'released') await send('POST', `/leases/${lease.id}/release`, {})
else await clock.advance(Date.parse(lease.endsAt) - clock.now())
setTimeout(() => process.exit(1), 60_000)
