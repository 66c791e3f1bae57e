// A client's message, read and checked.

import { Compile } from 'typebox/compile'
import { Ack, type ClientMessage, Close, View, Watch } from '../contract/live.ts'
import { PinlabError } from '../errors.ts'

const validators = {
  ack: Compile(Ack),
  view: Compile(View),
  watch: Compile(Watch),
  close: Compile(Close),
}

/** A message that is none: `id` is what the answer names, 0 where even that could not be read. */
export class UnreadableMessage extends PinlabError {
  constructor(
    readonly id: number,
    detail: string,
  ) {
    super('PINLAB_LIVE_MESSAGE_INVALID', detail)
  }
}

export function readMessage(text: string): ClientMessage {
  const value = parse(text)
  if (!isOp(value.op)) {
    throw new UnreadableMessage(idOf(value), `op is none of ${Object.keys(validators).join(', ')}.`)
  }
  const validator = validators[value.op]
  if (value.op === 'view') validator.Default(value)
  if (!validator.Check(value)) {
    const [first] = validator.Errors(value)
    const where = first?.instancePath.slice(1).replaceAll('/', '.') || value.op
    throw new UnreadableMessage(idOf(value), `${where} ${first?.message ?? 'is not valid'}.`)
  }
  return value
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UnreadableMessage(0, 'The message is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableMessage(0, 'The message is not a JSON object.')
  }
  return value as Record<string, unknown>
}

function isOp(op: unknown): op is keyof typeof validators {
  return typeof op === 'string' && Object.hasOwn(validators, op)
}

function idOf({ id }: Record<string, unknown>): number {
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= 0xffff_ffff ? id : 0
}
