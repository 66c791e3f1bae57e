// What an event of the record says, in one line. Pure. What it does not know it shows as it stands: nothing is hidden.

import type { AuditEventEntry } from '../../../../server/contract/audit.ts'
import { formatBytes, formatCount, formatHex, plural } from '../../../shared/format.ts'
import { directionWords, endReasonWords, kindWords } from '../../../shared/words.ts'

type Detail = Record<string, unknown>

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const figure = (value: unknown) => (typeof value === 'number' ? value : 0)
const word = (words: Record<string, string>, value: unknown) => words[text(value)] ?? text(value)
const line = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join(' · ')

const range = ({ offset, byteLength }: Detail) =>
  `${formatBytes(figure(byteLength))} at ${formatHex(figure(offset), 5)}`

function requested({ kind, byteLength, direction, options, maxPages }: Detail): string {
  return line(
    word(kindWords, kind),
    formatBytes(figure(byteLength)),
    direction === undefined ? 'both ways' : word(directionWords, direction),
    Array.isArray(options) && options.join(' '),
    typeof maxPages === 'number' && `at most ${plural(maxPages, 'page')}`,
  )
}

function transferred({
  n,
  channel,
  state,
  bytesCompleted,
  overruns,
  refusedAccesses,
  failure,
}: Detail) {
  const why = failure as { detail?: string } | undefined
  return line(
    `no. ${figure(n)} ${text(channel)} ${text(state)}`,
    bytesCompleted === undefined ? false : formatBytes(figure(bytesCompleted)),
    figure(overruns) > 0 && plural(figure(overruns), 'overrun'),
    figure(refusedAccesses) > 0 && `${formatCount(figure(refusedAccesses))} refused`,
    why?.detail,
  )
}

function verified({ errors }: Detail): string {
  const { ranges, byteLength } = (errors ?? {}) as Detail
  return figure(ranges) === 0
    ? 'came back as it was'
    : `${plural(figure(ranges), 'error')}, ${formatBytes(figure(byteLength))}`
}

const says: Record<string, (detail: Detail) => string> = {
  'dma.lock.requested': requested,
  'dma.lock.granted': ({ pageCount, addressKind, direction }) =>
    line(
      plural(figure(pageCount), 'page'),
      addressKind === 'iova' ? 'IOVA' : text(addressKind),
      word(directionWords, direction),
    ),
  'dma.lock.failed': ({ detail, wdStatus }) => line(text(detail), text(wdStatus)),
  'dma.lock.ended': ({ reason }) => word(endReasonWords, reason),
  'dma.lock.orphaned': () => endReasonWords['host-restarted'],
  'dma.transfer.requested': (detail) =>
    line(`no. ${figure(detail.n)} ${text(detail.channel)} ${text(detail.mode)}`, range(detail)),
  'dma.transfer.ended': transferred,
  'dma.data.written': range,
  'dma.data.filled': (detail) => line(text(detail.pattern), range(detail)),
  'dma.verify.requested': (detail) =>
    line(`${text(detail.out)} and ${text(detail.in)}`, text(detail.pattern), range(detail)),
  'dma.verify.ended': (detail) => line(`no. ${figure(detail.in)}`, verified(detail)),
  'capture.taken': (detail) => line(range(detail), detail.automatic === true && 'automatic'),
  'recipe.ended': ({ name, state, failedStep, failure }) =>
    line(
      `${text(name)} ${text(state)}`.trim(),
      typeof failedStep === 'number' && `step ${failedStep}`,
      (failure as { detail?: string } | undefined)?.detail,
    ),
  'recipe.started': ({ name, steps }) => line(text(name), plural(figure(steps), 'step')),
  'board.fault': ({ kind, channel, detail }) => line(text(kind), text(channel), text(detail)),
  'board.state': ({ state, reason }) => line(text(state), text(reason)),
  'board.step': ({ step }) => text(step),
  'audit.damaged': ({ what }) => text(what),
  'audit.rolled-back': ({ what }) => text(what),
}

export function eventWords({ type, detail }: Pick<AuditEventEntry, 'type' | 'detail'>): string {
  const said = says[type]?.(detail)
  if (said) return said
  const pairs = Object.entries(detail).map(([key, value]) => {
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return `${key} ${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}`
  })
  return pairs.join(' · ')
}

const titles: Record<string, string> = {
  'dma.lock.requested': 'Lock requested',
  'dma.lock.granted': 'Lock granted',
  'dma.lock.failed': 'Lock failed',
  'dma.lock.ended': 'Unlocked',
  'dma.lock.orphaned': 'Ended by a restart',
  'dma.transfer.requested': 'Transfer requested',
  'dma.transfer.ended': 'Transfer ended',
  'dma.data.written': 'Data written',
  'dma.data.filled': 'Data filled',
  'dma.verify.requested': 'Pattern sent out and back',
  'dma.verify.ended': 'Pattern compared',
  'capture.taken': 'Capture taken',
  'capture.uploaded': 'Capture uploaded',
  'capture.annotated': 'Capture annotated',
  'capture.compared': 'Capture compared',
  'capture.deleted': 'Capture deleted',
  'capture.downloaded': 'Capture downloaded',
  'capture.skipped': 'Capture skipped',
  'recipe.started': 'Recipe started',
  'recipe.ended': 'Recipe ended',
  'board.fault': 'Board fault',
  'board.state': 'Board state',
  'board.step': 'Stopping step',
}

export const eventTitle = (type: string): string => titles[type] ?? type

/** An event that somebody should look at. */
export function isBad({ type, detail }: Pick<AuditEventEntry, 'type' | 'detail'>): boolean {
  if (['dma.lock.failed', 'dma.lock.orphaned', 'board.fault'].includes(type)) return true
  if (['audit.damaged', 'audit.rolled-back', 'capture.skipped'].includes(type)) return true
  if (type === 'person.sign-in-failed') return true
  if (type === 'dma.verify.ended') return verified(detail) !== verified({})
  return type === 'dma.transfer.ended' && detail.state === 'failed'
}

export const whoWords = ({ actor, actorName }: Pick<AuditEventEntry, 'actor' | 'actorName'>) =>
  actorName ?? (actor === 'system' ? 'Pinlab' : actor)

/** To search by: whole families, and single types that are asked for the most. */
export const searchableTypes: readonly string[] = [
  ...['dma', 'dma.lock', 'dma.transfer', 'dma.data', 'capture', 'board', 'lease', 'booking'],
  ...['queue', 'recipe', 'person', 'token', 'policy', 'audit', 'server', 'clock'],
]
  .map((family) => `${family}.*`)
  .concat(
    Object.keys(titles),
    'lease.started',
    'lease.ended',
    'person.signed-in',
    'person.sign-in-failed',
  )
