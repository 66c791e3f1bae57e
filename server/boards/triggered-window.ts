// Which window a wave with a trigger shows.

import { findTrigger } from '../../native/index.ts'
import type { Trigger } from '../contract/live.ts'
import { maxTriggerSamples, sampleByteLength, triggerSample } from '../contract/samples.ts'
import type { HostViewRequest } from './device-host.ts'
import { type Ring, type SearchRange, searchRange, type Window, windowOf } from './view-window.ts'

/** In mode `auto`, so long after the last trigger a picture without one is shown, ms. */
export const autoAfterMs = 250

export interface PlacedWindow {
  window: Window
  /** How far ahead of its sample the trigger's level is met, in samples; null: no trigger placed it. */
  triggerAhead: number | null
}

export interface Searched {
  memory: Uint8Array
  ring: Ring | null
  blocksCompleted: number
  /** Whether a window without a trigger would do. */
  untriggered: boolean
}

/** Null: there is no trigger, and nothing else would do. */
export function triggeredWindow(
  request: HostViewRequest & { trigger: Trigger },
  { memory, ring, blocksCompleted, untriggered }: Searched,
): PlacedWindow | null {
  const range = searchRange(request, {
    ring,
    blocksCompleted,
    lockByteLength: memory.byteLength,
    places: maxTriggerSamples,
  })
  const found = range && findIn(range, request, memory)
  if (found || !untriggered) return found
  const window = range ? newestIn(range, request) : windowOf(request, ring, blocksCompleted)
  return { window, triggerAhead: null }
}

function findIn(
  range: SearchRange,
  request: HostViewRequest & { trigger: Trigger },
  memory: Uint8Array,
): PlacedWindow | null {
  const { format, stride, byteLength, trigger } = request
  const { channel, edge, level, hysteresis, holdOff, position } = trigger
  const before = triggerSample(position, samplesOf(request))
  // What lies far ahead of the first place neither arms nor holds off: a long window would only cost time.
  const passed = Math.max(0, before - maxTriggerSamples)
  const from = range.offset + passed * stride
  const first = before - passed
  const end = first + (range.byteLength - byteLength) / stride + 1
  const bytes = memory.subarray(from, range.offset + range.byteLength)
  const shape = { bytes, format, channel, stride, edge, level, hysteresis, holdOff }
  const place = findTrigger({ ...shape, first, end, which: range.which })
  if (place === null) return null
  const sample = Math.ceil(place)
  const offset = range.offset + (sample - first) * stride
  return { window: { offset, byteLength }, triggerAhead: sample - place }
}

function newestIn(range: SearchRange, { byteLength }: Window): Window {
  const behind = range.which === 'newest' ? range.byteLength - byteLength : 0
  return { offset: range.offset + behind, byteLength }
}

/** Of each channel. */
function samplesOf({ byteLength, stride, channels, format }: HostViewRequest): number {
  return Math.floor((byteLength - channels * sampleByteLength[format]) / stride) + 1
}
