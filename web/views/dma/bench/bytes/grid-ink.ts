// The theme's colours as the hex grid uses them.

import { heatSteps } from './known-bytes.ts'

export interface GridInk {
  digits: string
  quiet: string
  faint: string
  accent: string
  accentInk: string
  selected: string
  /** By how fresh a change is; the first is unused. */
  heat: string[]
  edited: string
  editedGround: string
  match: string
  found: string
  different: string
  font: string
}

export function readGridInk(element: Element): GridInk {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const digits = colour('--ink')
  const changed = colour('--changed')
  return {
    digits,
    quiet: colour('--ink-2'),
    faint: colour('--ink-3'),
    accent: colour('--accent'),
    accentInk: colour('--accent-ink'),
    selected: mixed(colour('--well'), colour('--accent'), 0.28),
    heat: Array.from({ length: heatSteps + 1 }, (_, i) => mixed(digits, changed, i / heatSteps)),
    edited: colour('--clearing'),
    editedGround: mixed(colour('--well'), colour('--clearing'), 0.2),
    match: colour('--leased'),
    found: mixed(colour('--well'), colour('--leased'), 0.4),
    different: colour('--trace-3'),
    font: `12px ${colour('--font-data')}`,
  }
}

/** Between two colours of the form #rrggbb; the theme's are. */
export function mixed(from: string, to: string, share: number): string {
  const parts = (colour: string) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  const other = parts(to)
  const blend = parts(from).map((part, i) => Math.round(part + ((other[i] ?? 0) - part) * share))
  return `#${blend.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
