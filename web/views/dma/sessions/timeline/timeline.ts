// A session's events as a picture: what lasted is a bar on a lane, what happened is a mark, all as shares of its time. Pure.

import type { AuditEventEntry } from '../../../../../server/contract/audit.ts'
import type { DmaSession } from '../../../../../server/contract/dma-session.ts'
import { formatBytes, formatDuration } from '../../../../shared/format.ts'

export type BarState = 'locked' | 'running' | 'done' | 'stopped' | 'failed'

export interface Bar {
  /** Both as shares of the whole, 0 to 1. */
  start: number
  length: number
  state: BarState
  words: string
}

export interface Lane {
  name: string
  bars: Bar[]
}

export interface TimelineMark {
  at: number
  kind: 'data' | 'capture' | 'fault' | 'step'
  words: string
}

export interface Timeline {
  /** ms */
  length: number
  lanes: Lane[]
  marks: TimelineMark[]
}

type Session = Pick<DmaSession, 'requestedAt' | 'lockedAt' | 'endedAt'>

const markKinds: Record<string, TimelineMark['kind']> = {
  'dma.data.written': 'data',
  'dma.data.filled': 'data',
  'dma.verify.ended': 'data',
  'capture.taken': 'capture',
  'board.fault': 'fault',
  'board.step': 'step',
}

/** `events` are oldest first. What has not ended goes on until `now`. */
export function timelineOf(session: Session, events: AuditEventEntry[], now: number): Timeline {
  const begin = Date.parse(session.requestedAt)
  const end = Math.max(session.endedAt ? Date.parse(session.endedAt) : now, begin + 1)
  const length = end - begin
  // An engine's clock and the log's are read at different moments: nothing is drawn outside.
  const share = (at: number) => Math.min(1, Math.max(0, (at - begin) / length))
  const bar = (from: number, to: number, state: BarState, words: string): Bar => ({
    ...{ start: share(from), length: share(to) - share(from), state },
    words: `${words}, ${formatDuration(to - from)}`,
  })
  const lanes: Lane[] = []
  if (session.lockedAt) {
    lanes.push({ name: 'lock', bars: [bar(Date.parse(session.lockedAt), end, 'locked', 'locked')] })
  }
  for (const transfer of transfersOf(events)) {
    let lane = lanes.find(({ name }) => name === transfer.channel)
    if (!lane) {
      lane = { name: transfer.channel, bars: [] }
      lanes.push(lane)
    }
    const { n, from, to, state, byteLength } = transfer
    lane.bars.push(bar(from, to ?? end, state, `no. ${n} ${state}, ${formatBytes(byteLength)}`))
  }
  const marks = events.flatMap(({ type, at, detail }): TimelineMark[] => {
    const kind = markKinds[type]
    return kind ? [{ at: share(Date.parse(at)), kind, words: markWords(type, detail) }] : []
  })
  return { length, lanes, marks }
}

function markWords(type: string, { step, kind }: Record<string, unknown>): string {
  const what = step ?? kind
  return typeof what === 'string' ? what : type.replace(/^dma\./, '').replaceAll('.', ' ')
}

interface RecordedTransfer {
  n: number
  channel: string
  from: number
  to: number | null
  state: Exclude<BarState, 'locked'>
  byteLength: number
}

function transfersOf(events: AuditEventEntry[]): RecordedTransfer[] {
  const found = new Map<number, RecordedTransfer>()
  for (const { type, at, detail } of events) {
    const n = Number(detail.n)
    if (type === 'dma.transfer.requested') {
      const channel = String(detail.channel)
      const from = Date.parse(at)
      found.set(n, { n, channel, from, to: null, state: 'running', byteLength: 0 })
    } else if (type === 'dma.transfer.ended') {
      const before = found.get(n)
      const to = typeof detail.endedAt === 'number' ? detail.endedAt : Date.parse(at)
      // Where the request is not among these events, or it was never started.
      const from = typeof detail.startedAt === 'number' ? detail.startedAt : (before?.from ?? to)
      const state = ['done', 'stopped', 'failed'].find((one) => one === detail.state) ?? 'failed'
      found.set(n, {
        ...{ n, from, to, state: state as RecordedTransfer['state'] },
        channel: String(detail.channel ?? before?.channel ?? 'transfer'),
        byteLength: Number(detail.bytesCompleted ?? 0),
      })
    }
  }
  return [...found.values()].sort((a, b) => a.n - b.n)
}

/** About five round figures on the axis. */
export function ticksOf(length: number): { at: number; words: string }[] {
  const rough = length / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const steps = length < 60_000 ? [1, 2, 5, 10].map((one) => one * power) : wallSteps
  const step = steps.find((one) => one >= rough) ?? rough
  const count = Math.floor(length / step)
  return Array.from({ length: count + 1 }, (_, n) => ({
    at: (n * step) / length,
    words: n === 0 ? '0' : formatDuration(n * step).replace(/ 0 (s|min)$/, ''),
  }))
}

const minute = 60_000
const wallSteps = [
  15_000,
  30_000,
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 720, 1440].map((one) => one * minute),
]
