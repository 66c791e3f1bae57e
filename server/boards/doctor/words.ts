// Figures for people.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** 8 MiB, 1.5 GiB; `without a limit` for infinity. */
export function amount(byteLength: number): string {
  if (byteLength === Number.POSITIVE_INFINITY) return 'without a limit'
  let value = byteLength
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
