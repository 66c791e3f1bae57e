// Instants and what a clock on the wall of some timezone shows. Pure; dates are "2027-01-11", times of day "14:30", instants ms since
// the epoch.

import { hourMs } from './span.ts'

const dayMs = 24 * hourMs

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formatters are slow to make. */
function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
    formats.set(key, found)
  }
  return found
}

const figures = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
} as const

export interface WallTime {
  date: string
  time: string
}

/** What the wall shows at an instant, and how far it is ahead of UTC. */
function wallAt(zone: string, at: number): WallTime & { aheadMs: number } {
  const parts: Record<string, string> = {}
  for (const { type, value } of format(zone, figures).formatToParts(at)) parts[type] = value
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = parts
  const date = `${year}-${month}-${day}`
  const shown = Date.parse(`${date}T${hour}:${minute}:${second}Z`)
  return { date, time: `${hour}:${minute}`, aheadMs: shown - Math.floor(at / 1000) * 1000 }
}

export function wallTime(zone: string, at: number): WallTime {
  const { date, time } = wallAt(zone, at)
  return { date, time }
}

export const aheadOfUtcMs = (zone: string, at: number): number => wallAt(zone, at).aheadMs

/** The instants at which the wall shows this, in their order: none where the clocks skip it, two where they repeat it. */
export function instantsOf(zone: string, { date, time }: WallTime): number[] {
  const shown = Date.parse(`${date}T${time}:00Z`)
  if (Number.isNaN(shown)) return []
  const possible = new Set([-dayMs, dayMs].map((by) => aheadOfUtcMs(zone, shown + by)))
  const found = [...possible].map((ahead) => shown - ahead)
  return found.filter((at) => at + aheadOfUtcMs(zone, at) === shown).sort((a, b) => a - b)
}

/** The first instant of a day; where the clocks skip midnight, the one at which they do. */
export function startOfDay(zone: string, date: string): number {
  const [first] = instantsOf(zone, { date, time: '00:00' })
  if (first !== undefined) return first
  const shown = Date.parse(`${date}T00:00:00Z`)
  return shown - Math.min(...[-dayMs, dayMs].map((by) => aheadOfUtcMs(zone, shown + by)))
}

export const dateAt = (zone: string, at: number): string => wallAt(zone, at).date

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

export function mondayOf(date: string): string {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  return addDays(date, -((weekday + 6) % 7))
}

export const timeIn = (zone: string, at: number): string =>
  format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)

/** "Mon 11 Jan" */
export const dayIn = (zone: string, at: number): string =>
  format(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(at).replace(',', '')

/** "14:30–15:00", with the days where they are not the same: "Mon 11 Jan 23:30 – Tue 12 Jan 00:30". */
export function spanWords(zone: string, start: number, end: number): string {
  // What ends at midnight is of the day before.
  if (dateAt(zone, start) === dateAt(zone, end - 1)) {
    return `${timeIn(zone, start)}–${timeIn(zone, end)}`
  }
  return `${dayIn(zone, start)} ${timeIn(zone, start)} – ${dayIn(zone, end)} ${timeIn(zone, end)}`
}

/** "UTC+1", "UTC+5:30" */
export function offsetWords(zone: string, at: number): string {
  const minutes = aheadOfUtcMs(zone, at) / 60_000
  const whole = Math.trunc(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  const part = rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`
  return `UTC${minutes < 0 ? '−' : '+'}${whole}${part}`
}

/** Whether clocks on both walls show the same all through a span's ends. */
export const sameClocks = (a: string, b: string, at: number): boolean =>
  aheadOfUtcMs(a, at) === aheadOfUtcMs(b, at)

const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g

/** Times in what the server says, on the clock of whoever reads it. */
export function withLocalTimes(text: string, zone: string): string {
  return text.replaceAll(isoTime, (iso) => {
    const at = Date.parse(iso)
    return `${dayIn(zone, at)} ${timeIn(zone, at)}`
  })
}
