// The stretch of the day that the lab shows: eight hours, two of them past, beginning at an even hour.

const hour = 3_600_000
const hoursShown = 8

export interface DayWindow {
  start: number
  end: number
  /** Where now is, 0 to 1. */
  now: number
  hours: { at: number; label: string }[]
}

export function dayWindow(now: number): DayWindow {
  const first = new Date(now - 2 * hour)
  first.setMinutes(0, 0, 0)
  first.setHours(first.getHours() - (first.getHours() % 2))
  const start = first.getTime()
  const end = start + hoursShown * hour
  const hours = [0, 2, 4, 6, 8].map((step) => {
    const at = start + step * hour
    return { at, label: `${String(new Date(at).getHours()).padStart(2, '0')}:00` }
  })
  return { start, end, now: (now - start) / (end - start), hours }
}
