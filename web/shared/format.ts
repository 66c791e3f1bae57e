// Figures as people read them. Binary units for memory, decimal ones for rates, 24-hour local times.

const grouped = new Intl.NumberFormat('en')
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

export const formatCount = (value: number): string => grouped.format(value)

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function formatBytes(byteLength: number): string {
  let value = byteLength
  let unit = 0
  while (value >= 1024 && unit < binaryUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${oneDecimal.format(value)} ${binaryUnits[unit]}`
}

/** "64 of 256 MiB": the unit once where both have the same. */
export function formatShare(part: number, whole: number): string {
  const [partText = '', partUnit] = formatBytes(part).split(' ')
  const wholeText = formatBytes(whole)
  const sameUnit = part === 0 || wholeText.endsWith(` ${partUnit}`)
  return `${sameUnit ? partText : `${partText} ${partUnit}`} of ${wholeText}`
}

const decimalPrefixes = ['', 'k', 'M', 'G', 'T'] as const

/** Three significant digits with an SI prefix: 4.00 MB/s, 976 Hz. */
export function formatSi(value: number, unit: string): string {
  let scaled = Math.abs(value)
  let prefix = 0
  while (scaled >= 999.5 && prefix < decimalPrefixes.length - 1) {
    scaled /= 1000
    prefix++
  }
  const digits = scaled >= 100 || scaled === 0 ? 0 : scaled >= 10 ? 1 : 2
  return `${value < 0 ? '-' : ''}${scaled.toFixed(digits)} ${decimalPrefixes[prefix]}${unit}`
}

export function formatDuration(ms: number): string {
  if (ms < 1) return `${Math.max(0, ms * 1000).toFixed(0)} µs`
  if (ms < 1000) return `${oneDecimal.format(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${oneDecimal.format(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A window of samples in time: 1.024 ms. */
export function formatSpan(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(4))} s`
  if (seconds >= 1e-3) return `${Number((seconds * 1e3).toPrecision(4))} ms`
  return `${Number((seconds * 1e6).toPrecision(4))} µs`
}

/** mm:ss, with hours where there are any; never below zero. */
export function formatCountdown(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1000))
  const two = (part: number) => String(part).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${two(minutes)}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

export function formatTimeLeft(ms: number): string {
  const minutes = Math.max(0, ms) / 60_000
  if (minutes < 1) return 'under 1 min left'
  if (minutes < 90) return `${Math.round(minutes)} min left`
  return `${Math.floor(minutes / 60)} h ${Math.round(minutes % 60)} min left`
}

const hourMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const withSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

export const formatHour = (time: string | number): string => hourMinute.format(new Date(time))
export const formatTime = (time: string | number): string => withSeconds.format(new Date(time))
export const formatDay = (time: string | number): string => day.format(new Date(time))

export function formatHex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`
}

/** An address of the API, with the digits of its width. */
export function formatAddress(address: string, widthBits: number): string {
  return formatHex(BigInt(address), Math.ceil(widthBits / 4))
}
