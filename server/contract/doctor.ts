// What the doctor finds on the host and about each board.

import Type, { type Static } from 'typebox'
import { BoardId, Nullable, Time } from './schema.ts'

/** `advice` would be better otherwise but nothing fails; `unknown`: Pinlab cannot see it. Only `mend` counts as something to mend. */
export const FindingStatus = Type.Enum(['good', 'mend', 'advice', 'unknown'])
export type FindingStatus = Static<typeof FindingStatus>

export const FindingCheck = Type.Enum([
  'iommu',
  'device',
  'driver',
  'groupMembers',
  'groupFile',
  'busMaster',
  'use',
  'memlock',
  'mappings',
  'dmaMappings',
  'hugePages',
  'clock',
  'clockStep',
  'disk',
])
export type FindingCheck = Static<typeof FindingCheck>

export const Finding = Type.Object({
  check: FindingCheck,
  board: Nullable(BoardId),
  title: Type.String(),
  status: FindingStatus,
  seen: Type.String({ description: 'what was seen' }),
  why: Type.String({ description: 'why it matters' }),
  mend: Nullable(
    Type.Object({
      text: Type.String({ description: 'what the commands do, and what must be done by hand' }),
      commands: Type.Array(Type.String(), { description: 'to be run in this order' }),
    }),
  ),
})
export type Finding = Static<typeof Finding>

export const DoctorReport = Type.Object({
  checkedAt: Time,
  process: Type.Enum(['server', 'command'], {
    description: 'whose limits were looked at: the running server, or the command itself',
  }),
  host: Type.String(),
  boards: Type.Array(
    Type.Object({
      id: BoardId,
      name: Type.String(),
      bus: Type.String(),
      driver: Type.String(),
      address: Nullable(Type.String()),
    }),
  ),
  findings: Type.Array(Finding, { description: 'of the host, then of each board' }),
  toMend: Type.Integer({ minimum: 0, description: 'findings to mend' }),
})
export type DoctorReport = Static<typeof DoctorReport>
