// The environment and pinlab.yaml, read and validated once. Every field of pinlab.yaml is documented in docs/administration.md.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import Value from 'typebox/value'
import { parse } from 'yaml'
import { BoardId } from './contract/schema.ts'
import { PinlabError } from './errors.ts'
import { projectRoot } from './project-root.ts'

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

const closed = { additionalProperties: false }

const Word = (options: { minimum: number; default: number }) =>
  Type.Integer({ maximum: 0xffff_ffff, ...options })

const SimulatedFault = Type.Object(
  {
    kind: Type.Enum([
      'stall',
      'shortTransfer',
      'linkLost',
      'iommuFault',
      'lostInterrupt',
      'dataFlip',
      'lateCompletion',
      'wrongMagic',
      'errorBits',
      'busMasterOff',
    ]),
    channel: Type.String({ pattern: '^(h2c|c2h)[0-3]$' }),
    count: Word({ minimum: 1, default: 1 }),
    skip: Word({ minimum: 0, default: 0 }),
    delayMs: Word({ minimum: 0, default: 100 }),
    bits: Word({ minimum: 1, default: 0x400 }),
  },
  closed,
)

export const SimulatedBus = Type.Object(
  {
    h2c: Type.Array(Type.Enum(['memory', 'dac']), { minItems: 1, maxItems: 4 }),
    c2h: Type.Array(Type.Enum(['memory', 'adc']), { minItems: 1, maxItems: 4 }),
    memoryMiB: Type.Integer({ minimum: 1, maximum: 4096, default: 64 }),
    fragmentation: Type.Integer({ minimum: 0, maximum: 1024, default: 0 }),
    recording: Type.Optional(Type.String({ minLength: 1 })),
    recordingFormat: Type.Optional(
      Type.Object(
        {
          format: Type.Enum(['i8', 'u8', 'i16le', 'u16le', 'i32le', 'u32le', 'f32le', 'f64le']),
          channels: Type.Integer({ minimum: 1, maximum: 64 }),
        },
        closed,
      ),
    ),
    faults: Type.Optional(Type.Array(SimulatedFault, { maxItems: 64 })),
  },
  closed,
)

const BoardConfig = Type.Object(
  {
    id: BoardId,
    name: Type.String({ minLength: 1, maxLength: 80 }),
    tags: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: 16, default: [] }),
    bus: Type.Literal('simulated'),
    driver: Type.String({ minLength: 1 }),
    config: SimulatedBus,
  },
  closed,
)
export type BoardConfig = Static<typeof BoardConfig>

const Limits = Type.Object(
  {
    lockedMiBPerBoard: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 256 }),
    lockedMiBPerPerson: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 512 }),
    lockedMiBPerHost: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 1024 }),
    locksPerLease: Type.Integer({ minimum: 1, maximum: 1024, default: 16 }),
  },
  closed,
)

const Lab = Type.Object(
  {
    boards: Type.Array(BoardConfig, { minItems: 1, maxItems: 256 }),
    leaseMinutes: Type.Integer({ minimum: 5, maximum: 480, default: 30 }),
    limits: Type.Object(Limits.properties, { ...closed, default: {} }),
  },
  closed,
)

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
  const settings = check(Environment, { ...env }, 'The environment')
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

function readLab(file: string): Static<typeof Lab> {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new PinlabError('PINLAB_START_CONFIG', `${file}: ${(error as Error).message}`)
  }
  const lab = check(Lab, content, file)
  const ids = lab.boards.map((board) => board.id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice) {
    throw new PinlabError('PINLAB_START_CONFIG', `${file}: two boards are called ${twice}.`)
  }
  for (const { config } of lab.boards) {
    if (config.recording) config.recording = resolve(dirname(file), config.recording)
  }
  return lab
}

/** The value with defaults and, for texts that stand for numbers, conversions. Names the first field that is wrong. */
function check<T extends TSchema>(schema: T, value: unknown, where: string): Static<T> {
  const candidate = Value.Convert(schema, Value.Default(schema, value))
  const validator = Compile(schema)
  if (validator.Check(candidate)) return candidate as Static<T>
  const [first] = validator.Errors(candidate)
  const field = first?.instancePath.slice(1).replaceAll('/', '.') || 'the whole'
  throw new PinlabError(
    'PINLAB_START_CONFIG',
    `${where}: ${field} ${first?.message ?? 'is wrong'}.`,
  )
}
