// Building blocks that several contract files share.

import Type, { type Static, type TSchema } from 'typebox'

export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })
export const Address = Type.String({ pattern: '^0x[0-9a-f]{1,16}$', description: 'hexadecimal' })
export const ByteLength = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'bytes',
})
export const BoardId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })
export const Id = Type.String({ format: 'uuid' })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Why somebody did something to others or to the lab: recorded. */
export const Reason = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })

/** The body of a POST that needs none. */
export const Nothing = Type.Object({}, { additionalProperties: false })

/** One page of a list, newest first. `next` is the cursor of the following page, null at the end. */
export const Page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Nullable(Type.String()) })

export const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Id),
})

/** RFC 9457 problem document, with what Pinlab adds. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'what happened and what to do' }),
    code: Type.String({ description: 'PINLAB_<AREA>_<CONDITION>' }),
    wdStatus: Type.Optional(Type.String({ description: 'WinDriver status, e.g. WD_TRY_AGAIN' })),
    requestId: Type.String(),
  },
  { additionalProperties: true },
)
export type Problem = Static<typeof Problem>
