import { describe, expect, it } from 'vitest'
import type { TriggerView } from '../../server/contract/bench-views.ts'
import { triggeredFlags } from '../../server/contract/frame.ts'
import type { Trigger } from '../../server/contract/live.ts'
import {
  decided,
  triggerNote,
  triggerOf,
  usualTrigger,
  withTrigger,
} from '../../web/views/dma/bench/wave/trigger.ts'
import { waveRequest } from '../../web/views/dma/bench/wave/wave-window.ts'

const chosen: TriggerView = { ...usualTrigger, mode: 'auto', channel: 1 }
const trigger = triggerOf(chosen, { format: 'i16le', channels: 2 }) as Trigger

describe('a trigger that is chosen', () => {
  it('is at the middle of the range with a hysteresis of 2 % unless said otherwise', () => {
    const of = (format: 'i16le' | 'u8' | 'f32le', view = chosen) => {
      const { level, hysteresis } = decided(view, { format, channels: 2 })
      return [level, hysteresis]
    }
    expect(of('i16le')).toEqual([0, 1300])
    expect(of('u8')).toEqual([128, 5.1])
    expect(of('f32le')).toEqual([0, 0.04])
    expect(of('u8', { ...chosen, level: 3, hysteresis: 0 })).toEqual([3, 0])
  })

  it('looks at a channel that there is, and asks for nothing while it is off', () => {
    expect(trigger).toMatchObject({ channel: 1, mode: 'auto', edge: 'rising', position: 0.5 })
    expect(triggerOf(chosen, { format: 'i16le', channels: 1 })?.channel).toBe(0)
    expect(triggerOf({ ...chosen, mode: 'off' }, { format: 'i16le', channels: 2 })).toBe(null)
  })

  it('follows a ring with windows that are longer than its blocks, as far as blocks are complete', () => {
    const filling = { offset: 4096, byteLength: 16 * 4096, blockByteLength: 4096 }
    const request = (samples: number) => {
      const settings = { format: 'i16le', channels: 2, first: 0, samples } as const
      const reach = { samples: 16 * 1024, mostSamples: 16 * 1024, block: 1024 }
      const around = { widthPx: 800, reach, filling }
      return withTrigger(waveRequest({ id: 's' }, settings, around), trigger, filling)
    }
    expect(request(1024)).toMatchObject({ follow: true, offset: 4096, trigger })
    expect(request(14 * 1024)).toMatchObject({ follow: true, offset: 4096 })
    expect(request(15 * 1024)).toMatchObject({ follow: false, offset: 0, trigger })
  })
})

describe('beside the picture', () => {
  const newest = { flags: triggeredFlags(0.25), capturedAt: 10_000 }
  const said = (mode: 'run' | 'single' | 'paused', now: number, changes: Partial<Trigger> = {}) =>
    triggerNote({ ...trigger, ...changes }, newest, { mode, now })

  it('it says whether the picture was triggered', () => {
    expect(said('run', 10_500)).toBe('triggered')
    expect(triggerNote(trigger, { ...newest, flags: 1 }, { mode: 'run', now: 10_500 })).toBe(
      'no trigger',
    )
  })

  it('it waits for the first frame, the next of mode normal, and that of a single', () => {
    expect(triggerNote(trigger, null, { mode: 'run', now: 0 })).toBe('waiting for trigger')
    expect(said('run', 12_500, { mode: 'normal' })).toBe('waiting for trigger')
    expect(said('run', 12_500)).toBe('triggered')
    expect(said('single', 10_100)).toBe('waiting for trigger')
    expect(said('paused', 99_000, { mode: 'normal' })).toBe('triggered')
  })
})
