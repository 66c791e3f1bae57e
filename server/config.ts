// The environment and pinlab.yaml, read and validated once.

import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import type { CheckpointTargets } from './checkpoint-settings.ts'
import { type BoardConfig, readLab } from './lab-config.ts'
import { type Network, networkSettings, readNetwork } from './network.ts'
import { projectRoot } from './project-root.ts'
import { type ProviderSettings, providerSettings, readProvider } from './provider-settings.ts'
import { validated } from './validated.ts'
import type { WebhookSettings } from './webhook-settings.ts'

const MiB = 1024 * 1024

const Environment = Type.Object({
  ...networkSettings,
  ...providerSettings,
  PINLAB_PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535 }),
  PINLAB_DATA: Type.String({ default: './data', minLength: 1 }),
  PINLAB_CONFIG: Type.Optional(Type.String({ minLength: 1 })),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
  }),
})

export interface LockLimits {
  lockedByteLengthPerBoard: number
  lockedByteLengthPerPerson: number
  lockedByteLengthPerHost: number
  locksPerLease: number
  captureByteLengthPerPerson: number
}

export interface Config {
  network: Network
  /** The OpenID provider that signs people in. */
  provider: ProviderSettings | null
  port: number
  dataFolder: string
  logLevel: Static<typeof Environment>['LOG_LEVEL']
  boards: BoardConfig[]
  limits: LockLimits
  webhooks: WebhookSettings[]
  /** Where checkpoints of the audit log go, besides the file in the data folder. */
  checkpoints: CheckpointTargets
}

const DataFolder = Type.Object({ PINLAB_DATA: Environment.properties.PINLAB_DATA })

/** For commands that need nothing else. */
export function readDataFolder(env: NodeJS.ProcessEnv, folder = process.cwd()): string {
  const { PINLAB_DATA } = validated(DataFolder, { ...env }, { where: 'The environment' })
  return resolve(folder, PINLAB_DATA)
}

export function readConfig(env: NodeJS.ProcessEnv, folder = process.cwd()): Config {
  const settings = validated(Environment, { ...env }, { where: 'The environment' })
  const file = settings.PINLAB_CONFIG
    ? resolve(folder, settings.PINLAB_CONFIG)
    : resolve(projectRoot, 'pinlab.yaml')
  const lab = readLab(file)
  const { limits } = lab
  return {
    network: readNetwork(settings, folder),
    provider: readProvider(settings, folder),
    port: settings.PINLAB_PORT,
    dataFolder: resolve(folder, settings.PINLAB_DATA),
    logLevel: settings.LOG_LEVEL,
    boards: lab.boards,
    webhooks: lab.webhooks,
    checkpoints: lab.checkpoints,
    limits: {
      lockedByteLengthPerBoard: limits.lockedMiBPerBoard * MiB,
      lockedByteLengthPerPerson: limits.lockedMiBPerPerson * MiB,
      lockedByteLengthPerHost: limits.lockedMiBPerHost * MiB,
      locksPerLease: limits.locksPerLease,
      captureByteLengthPerPerson: limits.captureMiBPerPerson * MiB,
    },
  }
}

/** What the record says of a start's configuration: everything but secrets. */
export function withoutSecrets({
  network,
  provider,
  limits,
  webhooks,
}: Pick<Config, 'network' | 'provider' | 'limits' | 'webhooks'>): Record<string, unknown> {
  const { host, origin, trustedProxies, tls } = network
  return {
    network: { host, origin, trustedProxies, tls: tls !== null },
    provider: provider && { name: provider.name, newPeople: provider.newPeople },
    limits,
    webhooks: webhooks.map(({ name, url, events }) => ({ name, to: url.origin, events })),
  }
}
