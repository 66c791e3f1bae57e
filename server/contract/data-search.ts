// The search of a lock's memory.

import Type, { type Static } from 'typebox'
import { maxLockByteLength, searchLimits } from './limits.ts'
import { Nullable } from './schema.ts'

const { needleByteLength, matches, alignment } = searchLimits
const Octets = (description: string) =>
  Type.String({
    pattern: '^([0-9a-fA-F]{2})+$',
    maxLength: 2 * needleByteLength,
    description,
  })

export const DataSearchRequest = Type.Object(
  {
    bytes: Octets('what is looked for, two hexadecimal digits a byte, in the order of memory'),
    mask: Type.Optional(Octets('as long as bytes: only bits that are 1 here must agree; else all')),
    offset: Type.Integer({
      minimum: 0,
      maximum: maxLockByteLength,
      default: 0,
      description: 'the first place where a match may begin; backward, the last',
    }),
    backward: Type.Boolean({ default: false }),
    alignment: Type.Integer({
      minimum: 1,
      maximum: alignment,
      default: 1,
      description: 'a match begins at a multiple of this',
    }),
    limit: Type.Integer({ minimum: 1, maximum: matches, default: 100 }),
  },
  { additionalProperties: false },
)
export type DataSearchRequest = Static<typeof DataSearchRequest>

export const DataSearchResult = Type.Object({
  matches: Type.Array(Type.Integer({ description: 'offset in the lock' }), { maxItems: matches }),
  next: Nullable(
    Type.Integer({ description: 'the offset to go on from; null: all was looked through' }),
  ),
})
export type DataSearchResult = Static<typeof DataSearchResult>
