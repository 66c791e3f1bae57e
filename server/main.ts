// What the command line runs: starts Pinlab from its configuration and closes it gracefully; asks the doctor; makes and restores
// backups.

import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.ts'
import { LocalDeviceHost } from './boards/local-device-host.ts'
import { SystemClock } from './clock.ts'
import { type Config, readConfig } from './config.ts'
import { PinlabError } from './errors.ts'
import { Database } from './plugins/database/database.ts'

export { backup, restore, verifyBackup } from './audit/backup/command.ts'
export { doctor } from './boards/doctor/command.ts'

/** Serves until SIGINT or SIGTERM. A start that fails says why in one sentence and sets the exit code. */
export async function serve(): Promise<void> {
  try {
    const config = readConfig(process.env)
    let setUpToken: string | null = null
    const app = await start(config, (token) => {
      setUpToken = token
    })
    closeOnSignals(app)
    const url = config.network.origin ?? addressOf(app, config)
    process.stdout.write(`Pinlab is ready at ${url}\n`)
    if (setUpToken) {
      process.stdout.write(
        `Nobody can sign in yet. Make the first account within an hour: ${url}/setup#${setUpToken}\n`,
      )
    }
  } catch (error) {
    if (!(error instanceof PinlabError)) throw error
    process.stderr.write(`${error.title}: ${error.message} (${error.code})\n`)
    process.exitCode = 1
  }
}

function addressOf(app: FastifyInstance, { network }: Config): string {
  const { address, port } = app.server.address() as AddressInfo
  const host = address.includes(':') ? `[${address}]` : address
  return `${network.tls ? 'https' : 'http'}://${host}:${port}`
}

async function start(
  config: Config,
  onSetUpDue: (token: string) => void,
): Promise<FastifyInstance> {
  const { port, logLevel, network } = config
  const database = await Database.open(config.dataFolder)
  const clock = new SystemClock()
  const host = await LocalDeviceHost.open(config.boards, clock)
  const logger = process.stdout.isTTY
    ? { level: logLevel, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } }
    : { level: logLevel }
  const app = await buildApp({ config, database, host, clock, logger, onSetUpDue }).catch(
    async (error) => {
      await host.close()
      await database.close()
      throw error
    },
  )
  try {
    await app.listen({ host: network.host, port })
    return app
  } catch (error) {
    await app.close()
    throw listenFailure(error as NodeJS.ErrnoException, port)
  }
}

function listenFailure(error: NodeJS.ErrnoException, port: number): unknown {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error
  const why =
    error.code === 'EADDRINUSE' ? 'is taken by another program' : 'is not open to this user'
  return new PinlabError(
    'PINLAB_START_PORT_IN_USE',
    `Port ${port} ${why}. Set PINLAB_PORT to another one, or to 0 for any free one.`,
    { cause: error },
  )
}

/** A second signal does not wait. */
function closeOnSignals(app: FastifyInstance): void {
  const close = () => {
    process.once('SIGINT', () => process.exit(130))
    process.once('SIGTERM', () => process.exit(143))
    void app.close().then(() => process.exit(0))
  }
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
}
