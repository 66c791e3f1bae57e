// Where pinlab.yaml has checkpoints of the audit log sent. Every field is documented in docs/administration.md.

import Type, { type Static } from 'typebox'
import { BoardId } from './contract/schema.ts'
import { PinlabError } from './errors.ts'
import { type PostTarget, PostTargetConfig, readPostTarget } from './webhook-settings.ts'

const mostOfAKind = 4
const defaultPorts = { udp: 514, tcp: 601 } as const

const SyslogConfig = Type.Object(
  { name: BoardId, url: Type.String({ minLength: 1, maxLength: 300 }) },
  { additionalProperties: false },
)

export const CheckpointConfig = Type.Object(
  {
    webhooks: Type.Array(PostTargetConfig, { maxItems: mostOfAKind, default: [] }),
    syslog: Type.Array(SyslogConfig, { maxItems: mostOfAKind, default: [] }),
  },
  { additionalProperties: false, default: {} },
)

export interface SyslogTarget {
  name: string
  transport: 'udp' | 'tcp'
  /** A name or an address, IPv6 without brackets. */
  host: string
  port: number
}

export interface CheckpointTargets {
  webhooks: readonly PostTarget[]
  syslog: readonly SyslogTarget[]
}

/** `file` is pinlab.yaml. */
export function readCheckpointTargets(
  config: Static<typeof CheckpointConfig>,
  file: string,
): CheckpointTargets {
  return {
    webhooks: config.webhooks.map((hook) =>
      readPostTarget(hook, { file, what: 'checkpoint webhook' }),
    ),
    syslog: config.syslog.map((target) => readSyslog(target, file)),
  }
}

function readSyslog({ name, url: text }: Static<typeof SyslogConfig>, file: string): SyslogTarget {
  const [, transport, inBrackets, plain, port] =
    /^(udp|tcp):\/\/(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? []
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 0xffff)
  if ((transport !== 'udp' && transport !== 'tcp') || !isPort) {
    throw new PinlabError(
      'PINLAB_START_CONFIG',
      `${file}: the syslog ${name} has the url "${text}". Write udp://host:514 or tcp://host:601.`,
    )
  }
  const host = inBrackets ?? plain ?? ''
  return { name, transport, host, port: Number(port ?? defaultPorts[transport]) }
}
