// pinlab.yaml, read and validated once. Every field is documented in docs/administration.md.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { parse } from 'yaml'
import {
  CheckpointConfig,
  type CheckpointTargets,
  readCheckpointTargets,
} from './checkpoint-settings.ts'
import { BoardId } from './contract/schema.ts'
import { PinlabError } from './errors.ts'
import { pciAddress } from './pci-address.ts'
import { validated } from './validated.ts'
import { readWebhook, WebhookConfig, type WebhookSettings } from './webhook-settings.ts'

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

const VfioBus = Type.Object(
  { fragmentation: Type.Integer({ minimum: 0, maximum: 1024, default: 0 }) },
  closed,
)

const ofEveryBoard = {
  id: BoardId,
  name: Type.String({ minLength: 1, maxLength: 80 }),
  tags: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: 16, default: [] }),
  driver: Type.String({ minLength: 1 }),
}

const boardSchemas = {
  simulated: Type.Object(
    { ...ofEveryBoard, bus: Type.Literal('simulated'), config: SimulatedBus },
    closed,
  ),
  vfio: Type.Object(
    {
      ...ofEveryBoard,
      bus: Type.Literal('vfio'),
      address: Type.String(),
      writable: Type.Boolean({ default: false }),
      config: Type.Object(VfioBus.properties, { ...closed, default: {} }),
    },
    closed,
  ),
}
export type SimulatedBoardConfig = Static<(typeof boardSchemas)['simulated']>
export type VfioBoardConfig = Static<(typeof boardSchemas)['vfio']>
export type BoardConfig = SimulatedBoardConfig | VfioBoardConfig

/** What is checked first: then each board by the schema of its bus, whose messages name the field. */
const AnyBoard = Type.Object({ bus: Type.Enum(['simulated', 'vfio']) })

const Limits = Type.Object(
  {
    lockedMiBPerBoard: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 256 }),
    lockedMiBPerPerson: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 512 }),
    lockedMiBPerHost: Type.Integer({ minimum: 1, maximum: 1_048_576, default: 1024 }),
    locksPerLease: Type.Integer({ minimum: 1, maximum: 1024, default: 16 }),
    captureMiBPerPerson: Type.Integer({ minimum: 0, maximum: 1_048_576, default: 1024 }),
  },
  closed,
)

const Lab = Type.Object(
  {
    boards: Type.Array(AnyBoard, { minItems: 1, maxItems: 256 }),
    limits: Type.Object(Limits.properties, { ...closed, default: {} }),
    webhooks: Type.Array(WebhookConfig, { maxItems: 8, default: [] }),
    audit: Type.Object({ checkpoints: CheckpointConfig }, { ...closed, default: {} }),
  },
  closed,
)

export type LabConfig = Omit<Static<typeof Lab>, 'boards' | 'webhooks' | 'audit'> & {
  boards: BoardConfig[]
  webhooks: WebhookSettings[]
  checkpoints: CheckpointTargets
}

/** File paths in it are relative to it. */
export function readLab(file: string): LabConfig {
  const { audit, ...lab } = validated(Lab, parsed(file), { where: file })
  const boards = lab.boards.map((board, index) => readBoard(board, { file, index }))
  refuseTwice(
    file,
    'boards are called',
    boards.map(({ id }) => id),
  )
  refuseTwice(
    file,
    'boards have the address',
    boards.flatMap((board) => (board.bus === 'vfio' ? [board.address] : [])),
  )
  const webhooks = lab.webhooks.map((hook) => readWebhook(hook, file))
  refuseTwice(
    file,
    'webhooks are called',
    webhooks.map(({ name }) => name),
  )
  const checkpoints = readCheckpointTargets(audit.checkpoints, file)
  refuseTwice(
    file,
    'places for checkpoints are called',
    // The file beside the database has its name already.
    ['file', ...[...checkpoints.webhooks, ...checkpoints.syslog].map(({ name }) => name)],
  )
  return { ...lab, boards, webhooks, checkpoints }
}

function parsed(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new PinlabError('PINLAB_START_CONFIG', `${file}: ${(error as Error).message}`)
  }
}

function readBoard(
  board: Static<typeof AnyBoard>,
  { file, index }: { file: string; index: number },
): BoardConfig {
  const at = { where: file, field: `/boards/${index}` }
  if (board.bus === 'vfio') {
    const { address, ...rest } = validated(boardSchemas.vfio, board, at)
    const found = pciAddress(address)
    if (found) return { ...rest, address: found }
    throw new PinlabError(
      'PINLAB_START_CONFIG',
      `${file}: boards.${index}.address is "${address}", which is no PCI address. Write it as \`lspci -D\` does, e.g. 0000:01:00.0.`,
    )
  }
  const simulated = validated(boardSchemas.simulated, board, at)
  const { recording } = simulated.config
  if (recording) simulated.config.recording = resolve(dirname(file), recording)
  return simulated
}

function refuseTwice(file: string, how: string, values: string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  if (twice === undefined) return
  throw new PinlabError('PINLAB_START_CONFIG', `${file}: two ${how} ${twice}.`)
}
