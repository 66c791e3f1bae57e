// Views of locked memory: windows copied or projected so that they are coherent, or say that they are not.

import {
  type PageTracker,
  projectSpectrum,
  projectStatistics,
  projectWave,
  trackPages,
} from '../../native/index.ts'
import { PinlabError } from '../errors.ts'
import type { HostViewFrame, HostViewRequest } from './device-host.ts'
import type { HeldLock, RunningTransfer } from './held-lock.ts'
import type { HostLocks } from './host-locks.ts'
import { autoAfterMs, type PlacedWindow, triggeredWindow } from './triggered-window.ts'
import { mayBeTorn, overlaps, type Ring, type Window, windowOf } from './view-window.ts'

/** A ring that laps the copy this often in a row is too fast to be caught. */
const attempts = 3

interface OpenView {
  request: HostViewRequest
  /** Of a view of pages: what they looked like. */
  tracker: PageTracker | null
  held: HeldLock
  overrunsSeen: number
  /** When a trigger was last found, or the view was opened. */
  triggeredAt: number
}

export class HostViews {
  readonly #views = new Map<number, OpenView>()
  #lastId = 0

  constructor(private readonly locks: HostLocks) {}

  open(request: HostViewRequest): { viewId: number; sampleRate?: number } {
    const held = this.locks.require(request.lockId)
    if (request.offset + request.byteLength > held.lock.byteLength) {
      throw new PinlabError(
        'PINLAB_LIVE_OUT_OF_RANGE',
        `The lock has ${held.lock.byteLength} bytes.`,
      )
    }
    this.#lastId += 1
    this.#views.set(this.#lastId, {
      request,
      held,
      tracker: request.kind === 'pages' ? trackPages(request) : null,
      overrunsSeen: overrunsOf(held),
      triggeredAt: performance.now(),
    })
    const stream = held.board.driver.sampleFormat()
    return {
      viewId: this.#lastId,
      ...(stream ? { sampleRate: stream.sampleRate } : {}),
    }
  }

  read(viewId: number, headroom: number): HostViewFrame | 'waiting' | null {
    const view = this.#views.get(viewId)
    const held = view && this.locks.get(view.request.lockId)
    if (!view || !held) return null
    const frame = view.tracker
      ? lookAtPages(view.request, view.tracker, held, headroom)
      : readWhole(view, held, headroom)
    if (!frame) return 'waiting'
    if (frame.triggerAhead !== null) view.triggeredAt = performance.now()
    return { ...frame, overrun: lostMore(view) }
  }

  /** Also of a lock that is gone: whether data was lost after what was read last. */
  close(viewId: number): { overrun: boolean } {
    const view = this.#views.get(viewId)
    this.#views.delete(viewId)
    return { overrun: view !== undefined && lostMore(view) }
  }
}

type FrameOfView = Omit<HostViewFrame, 'overrun'>

/** Whether data was lost since this was asked the last time. */
function lostMore(view: OpenView): boolean {
  const before = view.overrunsSeen
  view.overrunsSeen = Math.max(before, overrunsOf(view.held))
  return view.overrunsSeen > before
}

/** Of all transfers: one that begins does not hide what was lost by the one before. */
function overrunsOf({ transfers }: HeldLock): number {
  let overruns = 0
  for (const { progress, driver } of transfers.values()) {
    overruns += (progress.state === 'running' ? driver.progress() : progress).overruns
  }
  return overruns
}

/** Never torn: what the board writes during a look has changed then or at the next one. */
function lookAtPages(
  { offset, byteLength }: HostViewRequest,
  tracker: PageTracker,
  { lock, latest }: HeldLock,
  headroom: number,
): FrameOfView {
  const bytesCompleted = latest?.driver.progress().bytesCompleted ?? 0
  const capturedAt = performance.timeOrigin + performance.now()
  const bytes = behind(headroom, tracker.look(lock.userBytes))
  const window = { offset, byteLength }
  return { bytes, capturedAt, ...window, triggerAhead: null, torn: false, bytesCompleted }
}

/** Null: there is no trigger. */
function readWhole(view: OpenView, held: HeldLock, headroom: number): FrameOfView | null {
  let frame = readOnce(view, held, headroom)
  for (let attempt = 1; attempt < attempts && frame?.torn; attempt++) {
    frame = readOnce(view, held, headroom)
  }
  return frame
}

function readOnce(view: OpenView, held: HeldLock, headroom: number): FrameOfView | null {
  const { latest } = held
  // First, so that a lap between here and the choice of the window counts too.
  const writers = writersOf(held)
  const completed = latest?.driver.progress()
  const placed = placeOf(view, held, completed?.blocksCompleted ?? 0)
  if (!placed) return null
  const { window, triggerAhead } = placed
  const capturedAt = performance.timeOrigin + performance.now()
  const source = held.lock.userBytes.subarray(window.offset, window.offset + window.byteLength)
  const bytes = behind(headroom, payloadOf(view.request, source))
  return {
    bytes,
    capturedAt,
    ...window,
    triggerAhead,
    torn: writers.some((writer) => isTorn(window, writer)),
    bytesCompleted: completed?.bytesCompleted ?? 0,
  }
}

function placeOf(
  { request, triggeredAt }: OpenView,
  { lock, latest }: HeldLock,
  blocksCompleted: number,
): PlacedWindow | null {
  const ring: Ring | null = latest?.ring ?? null
  const { trigger } = request
  if (!trigger) return { window: windowOf(request, ring, blocksCompleted), triggerAhead: null }
  const untriggered = trigger.mode === 'auto' && performance.now() - triggeredAt > autoAfterMs
  const memory = lock.userBytes
  return triggeredWindow({ ...request, trigger }, { memory, ring, blocksCompleted, untriggered })
}

/** A transfer by which the board writes into a lock, and the blocks that it had completed before a copy. */
interface Writer {
  transfer: RunningTransfer
  before: number
}

/** All that run, not only the one that the views follow, and those of which nobody knows how far they came. */
function writersOf({ transfers, board }: HeldLock): Writer[] {
  const fromCard = board.driver.channels.filter(({ direction }) => direction === 'c2h')
  return [...transfers.values()]
    .filter(({ progress, driver }) => progress.state === 'running' || driver.isCountLost)
    .filter(({ channel }) => fromCard.some(({ id }) => id === channel))
    .map((transfer) => ({ transfer, before: transfer.driver.progress().blocksCompleted }))
}

/** Asked after the copy. */
function isTorn(window: Window, { transfer, before }: Writer): boolean {
  if (!transfer.ring) return true
  const after = transfer.driver.progress().blocksCompleted
  if (transfer.driver.isCountLost) return overlaps(window, transfer.ring)
  return mayBeTorn(window, transfer.ring, { before, after })
}

function behind(headroom: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headroom + payload.byteLength)
  bytes.set(payload, headroom)
  return bytes
}

function payloadOf(request: HostViewRequest, bytes: Uint8Array): Uint8Array {
  switch (request.kind) {
    case 'wave':
      return wave(request, bytes)
    case 'spectrum':
      return spectra(request, bytes)
    case 'statistics':
      return statistics(request, bytes)
    default:
      return bytes
  }
}

function wave(request: HostViewRequest, bytes: Uint8Array): Uint8Array {
  const { format, channels, stride, columns } = request
  const projected = projectWave({ bytes, format, channels, stride, columns })
  return new Uint8Array(projected.buffer, projected.byteOffset, projected.byteLength)
}

/** Channel after channel. */
function spectra(request: HostViewRequest, bytes: Uint8Array): Uint8Array {
  const { format, channels, stride, columns, spectrumWindow: window } = request
  const size = 2 * (columns - 1)
  const all = new Float32Array(channels * columns)
  for (let channel = 0; channel < channels; channel++) {
    all.set(projectSpectrum({ bytes, format, channel, stride, size, window }), channel * columns)
  }
  return new Uint8Array(all.buffer)
}

/** Of each channel count, min, max, mean and RMS. */
function statistics(request: HostViewRequest, bytes: Uint8Array): Uint8Array {
  const { format, channels, stride } = request
  return new Uint8Array(projectStatistics({ bytes, format, channels, stride }).buffer)
}
