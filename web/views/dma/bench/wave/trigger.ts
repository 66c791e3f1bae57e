// The trigger as it is chosen for a wave: what is asked of the server, and what its frames say.

import type { TriggerView } from '../../../../../server/contract/bench-views.ts'
import type { Transfer } from '../../../../../server/contract/dma-session.ts'
import { crossingAhead, type FrameHeader } from '../../../../../server/contract/frame.ts'
import type { Trigger } from '../../../../../server/contract/live.ts'
import { type SampleFormat, sampleByteLength } from '../../../../../server/contract/samples.ts'
import type { ViewRequest } from '../../../../api/live-socket.ts'

export const usualTrigger: TriggerView = {
  mode: 'off',
  channel: 0,
  edge: 'rising',
  level: null,
  hysteresis: null,
  holdOff: 0,
  position: 0.5,
}

export const edgeSigns = { rising: '↗', falling: '↘', either: '↕' } as const
/** Shares of the window before the trigger. */
export const positions = [0, 0.1, 0.25, 0.5, 0.75, 0.9] as const

/** A frame comes each second at least, also where nothing changes; after so long there was no trigger. */
const waitingAfterMs = 2000

/** For floats -1 to 1, the usual full scale. */
function rangeOf(format: SampleFormat): number {
  return format.startsWith('f') ? 2 : 2 ** (sampleByteLength[format] * 8)
}

/** The trigger with everything decided, whether it is on or off. */
export function decided(
  chosen: TriggerView,
  { format, channels }: { format: SampleFormat; channels: number },
): Omit<Trigger, 'mode'> {
  const { mode: _, ...rest } = chosen
  return {
    ...rest,
    channel: Math.min(chosen.channel, channels - 1),
    level: chosen.level ?? (format.startsWith('u') ? rangeOf(format) / 2 : 0),
    hysteresis: chosen.hysteresis ?? Number((rangeOf(format) * 0.02).toPrecision(2)),
  }
}

/** Null while it is off. */
export function triggerOf(
  chosen: TriggerView,
  shape: { format: SampleFormat; channels: number },
): Trigger | null {
  return chosen.mode === 'off' ? null : { ...decided(chosen, shape), mode: chosen.mode }
}

/**
 * A wave's request with the trigger. A triggered window may be longer than a block of the ring, as long as one block more than it
 * needs is complete while another is filled.
 */
export function withTrigger(
  request: ViewRequest,
  trigger: Trigger | null,
  filling: Pick<Transfer, 'offset' | 'byteLength' | 'blockByteLength'> | null,
): ViewRequest {
  if (!trigger) return request
  const block = filling?.blockByteLength
  if (request.follow || !block) return { ...request, trigger }
  const blocks = Math.ceil(request.byteLength / block) + 2
  if (blocks * block > filling.byteLength) return { ...request, trigger }
  return { ...request, trigger, follow: true, offset: filling.offset }
}

/** What can be said of the trigger beside the picture. */
export function triggerNote(
  trigger: Trigger,
  newest: Pick<FrameHeader, 'flags' | 'capturedAt'> | null,
  view: { mode: 'run' | 'single' | 'paused'; now: number },
): string {
  const isOld = newest !== null && view.now - newest.capturedAt > waitingAfterMs
  const waits =
    view.mode === 'single' || (view.mode === 'run' && trigger.mode === 'normal' && isOld)
  if (!newest || waits) return 'waiting for trigger'
  return crossingAhead(newest.flags) === null ? 'no trigger' : 'triggered'
}
