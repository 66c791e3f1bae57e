// A link to exactly this view: the choices of the bench as part of an address. Pure. Whoever made the address may have made it up, so
// that what is not a choice is left out.

import type {
  BenchViews,
  BytesView,
  ChannelUnit,
  TriggerView,
  WaveView,
} from '../../server/contract/bench-views.ts'
import { maxLockByteLength } from '../../server/contract/limits.ts'
import {
  maxTriggerSamples,
  sampleFormats,
  spectrumWindows,
  triggerEdges,
} from '../../server/contract/samples.ts'

type Check = (value: unknown) => boolean
type Checks<T> = { [Key in keyof Required<T>]: Check }

const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value)
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const number =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most
/** An object with all of these, and nothing else. */
const each =
  <T>(checks: Checks<T>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).every((key) => Object.hasOwn(checks, key)) &&
    Object.entries<Check>(checks).every(([key, check]) => check(value[key as keyof typeof value]))
const listOf =
  (most: number, check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check)
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 40
const flag = oneOf(true, false)
const sample = whole(0, maxLockByteLength)
const finite = number(-Number.MAX_VALUE, Number.MAX_VALUE)

const trigger: Checks<TriggerView> = {
  mode: oneOf('off', 'auto', 'normal'),
  channel: whole(0, 15),
  edge: oneOf(...triggerEdges),
  level: orNull(finite),
  hysteresis: orNull(number(0, Number.MAX_VALUE)),
  holdOff: whole(0, maxTriggerSamples),
  position: number(0, 1),
}
const unit: Checks<ChannelUnit> = {
  unit: (value) => isText(value) && value.length <= 12,
  gain: finite,
  offset: finite,
}
const wave: Checks<WaveView> = {
  shape: oneOf('wave', 'rolling', 'spectrum', 'spectrogram'),
  format: orNull(oneOf(...sampleFormats)),
  channels: orNull(whole(1, 16)),
  first: sample,
  samples: orNull(whole(1, Number.MAX_SAFE_INTEGER)),
  fit: flag,
  trigger: orNull(each(trigger)),
  window: oneOf(...spectrumWindows),
  rolled: whole(1, 65_536),
  afterglow: flag,
  cursors: orNull(each({ a: sample, b: sample })),
  units: listOf(16, each(unit)),
}
const bytes: Checks<BytesView> = {
  groupSize: oneOf(1, 2, 4, 8),
  littleEndian: flag,
  gutter: oneOf('offset', 'device'),
  follow: flag,
  offset: whole(0, Number.MAX_SAFE_INTEGER),
  // Links carry none.
  bookmarks: () => false,
}

export const toLink = (views: BenchViews): string => JSON.stringify(views)

/** Null where it is none. */
export function fromLink(text: string): BenchViews | null {
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null ? readViews(said) : null
  } catch {
    return null
  }
}

function readViews(said: Partial<Record<keyof BenchViews, unknown>>): BenchViews {
  return {
    ...(isText(said.lock) ? { lock: said.lock } : {}),
    wave: choicesOf(said.wave, wave),
    bytes: choicesOf(said.bytes, bytes),
    folded: Array.isArray(said.folded) ? said.folded.filter(isText) : [],
  }
}

function choicesOf<T>(said: unknown, checks: Checks<T>): Partial<T> {
  if (typeof said !== 'object' || said === null) return {}
  const known = Object.entries(said).filter(
    ([key, value]) => Object.hasOwn(checks, key) && checks[key as keyof T](value),
  )
  return Object.fromEntries(known) as Partial<T>
}
