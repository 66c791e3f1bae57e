// The environment and pinlab.yaml, read and validated once.

import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { PinlabError } from './errors.ts'
import { type BoardConfig, readLab } from './lab-config.ts'
import { projectRoot } from './project-root.ts'
import { validated } from './validated.ts'

const MiB = 1024 * 1024

const Environment = Type.Object({
  PINLAB_HOST: Type.String({ default: '127.0.0.1', minLength: 1 }),
  PINLAB_PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535 }),
  PINLAB_DATA: Type.String({ default: './data', minLength: 1 }),
  PINLAB_CONFIG: Type.Optional(Type.String({ minLength: 1 })),
  PINLAB_ORIGIN: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
  }),
})

export interface LockLimits {
  lockedByteLengthPerBoard: number
  lockedByteLengthPerPerson: number
  lockedByteLengthPerHost: number
  locksPerLease: number
}

export interface Config {
  host: string
  port: number
  dataFolder: string
  logLevel: Static<typeof Environment>['LOG_LEVEL']
  /** Public origin behind a proxy, where it is not the address we listen on. */
  origin: string | null
  boards: BoardConfig[]
  leaseMs: number
  limits: LockLimits
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

export function readConfig(env: NodeJS.ProcessEnv, folder = process.cwd()): Config {
  const settings = validated(Environment, { ...env }, { where: 'The environment' })
  if (!loopback.has(settings.PINLAB_HOST)) {
    throw new PinlabError(
      'PINLAB_START_NOT_LOOPBACK',
      `PINLAB_HOST is ${settings.PINLAB_HOST}, but Pinlab has no sign-in yet and would hand its boards to the network. Use 127.0.0.1.`,
    )
  }
  const file = settings.PINLAB_CONFIG
    ? resolve(folder, settings.PINLAB_CONFIG)
    : resolve(projectRoot, 'pinlab.yaml')
  const lab = readLab(file)
  const { limits } = lab
  return {
    host: settings.PINLAB_HOST,
    port: settings.PINLAB_PORT,
    dataFolder: resolve(folder, settings.PINLAB_DATA),
    logLevel: settings.LOG_LEVEL,
    origin: settings.PINLAB_ORIGIN ?? null,
    boards: lab.boards,
    leaseMs: lab.leaseMinutes * 60_000,
    limits: {
      lockedByteLengthPerBoard: limits.lockedMiBPerBoard * MiB,
      lockedByteLengthPerPerson: limits.lockedMiBPerPerson * MiB,
      lockedByteLengthPerHost: limits.lockedMiBPerHost * MiB,
      locksPerLease: limits.locksPerLease,
    },
  }
}
