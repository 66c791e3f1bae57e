// Figures as people type them.

const factors: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
}

/** 65536, 0x10000, 64 KiB, 1.5 MiB, 1_000: whole bytes, or null. */
export function parseByteLength(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll(/[_,\s]/g, '')
    .toLowerCase()
  if (/^0x[0-9a-f]+$/.test(plain)) return whole(Number(plain))
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(plain)
  if (!match) return null
  const factor = factors[match[2] ?? '']
  return factor === undefined ? null : whole(Number(match[1]) * factor)
}

const whole = (value: number) => (Number.isSafeInteger(value) ? value : null)

/** A register value or an address, hexadecimal with 0x or decimal, of at most so many bits; null if it is none. */
export function parseWord(text: string, bits: number): bigint | null {
  const plain = text.trim().replaceAll('_', '').toLowerCase()
  if (!/^(0x[0-9a-f]+|\d+)$/.test(plain)) return null
  const value = BigInt(plain)
  return value < 1n << BigInt(bits) ? value : null
}
