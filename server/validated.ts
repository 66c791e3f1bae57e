// A value from outside, against its schema.

import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import Value from 'typebox/value'
import { PinlabError } from './errors.ts'

/**
 * The value with defaults and, for texts that stand for numbers, conversions. Names the first field that is wrong, below `field`
 * where the value is a part of something.
 */
export function validated<T extends TSchema>(
  schema: T,
  value: unknown,
  { where, field = '' }: { where: string; field?: string },
): Static<T> {
  const candidate = Value.Convert(schema, Value.Default(schema, value))
  const validator = Compile(schema)
  if (validator.Check(candidate)) return candidate as Static<T>
  const [first] = validator.Errors(candidate)
  const path = `${field}${first?.instancePath ?? ''}`.replace(/^\//, '').replaceAll('/', '.')
  throw new PinlabError(
    'PINLAB_START_CONFIG',
    `${where}: ${path || 'the whole'} ${first?.message ?? 'is wrong'}.`,
  )
}
