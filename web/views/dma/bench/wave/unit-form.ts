// A channel's unit as people type it.

import type { ChannelUnit } from '../../../../../server/contract/bench-views.ts'

export interface UnitForm {
  unit: string
  gain: string
  offset: string
}

export interface UnitRead {
  /** Null while something is wrong. */
  unit: ChannelUnit | null
  faults: { gain?: string; offset?: string }
}

/** 0.5, 1e-3, or a fraction such as 10/65536; null if it is none. */
function parseNumber(text: string): number | null {
  const parts = text.split('/').map((part) => part.trim())
  if (
    parts.length > 2 ||
    parts.some((part) => !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part))
  ) {
    return null
  }
  const [value = 0, by = 1] = parts.map(Number)
  const number = value / by
  return Number.isFinite(number) ? number : null
}

export function parseUnit(form: UnitForm): UnitRead {
  const gain = parseNumber(form.gain)
  const offset = parseNumber(form.offset)
  const faults: UnitRead['faults'] = {}
  if (gain === null) faults.gain = 'A number, or a fraction such as 10/65536'
  else if (gain === 0) faults.gain = 'With 0 every count would be the same'
  if (offset === null) faults.offset = 'A number such as -0.5'
  const unit =
    gain === null || gain === 0 || offset === null ? null : { unit: form.unit.trim(), gain, offset }
  return { unit, faults }
}
