// Bytes as text for other programs.

export const copyFormats = [
  { value: 'hex', words: 'Hexadecimal' },
  { value: 'c', words: 'C array' },
  { value: 'python', words: 'Python bytes' },
  { value: 'base64', words: 'Base64' },
  { value: 'json', words: 'JSON array' },
  { value: 'text', words: 'Text, UTF-8' },
] as const
export type CopyFormat = (typeof copyFormats)[number]['value']

/** More is for Download. */
export const mostCopied = 1024 * 1024

const two = (byte: number) => byte.toString(16).padStart(2, '0')
const rowsOf = (items: string[], perRow: number) =>
  Array.from({ length: Math.ceil(items.length / perRow) }, (_, i) =>
    items.slice(i * perRow, (i + 1) * perRow),
  )

const writers: Record<CopyFormat, (bytes: Uint8Array) => string> = {
  hex: (bytes) => Array.from(bytes, two).join(' '),
  c: (bytes) => {
    const rows = rowsOf(
      Array.from(bytes, (byte) => `0x${two(byte)}`),
      12,
    )
    const lines = rows.map((row) => `  ${row.join(', ')},\n`).join('')
    return `const unsigned char bytes[${bytes.length}] = {\n${lines}};\n`
  },
  python: (bytes) => `b'${Array.from(bytes, (byte) => `\\x${two(byte)}`).join('')}'`,
  base64: (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
  json: (bytes) => JSON.stringify(Array.from(bytes)),
  text: (bytes) => new TextDecoder().decode(bytes),
}

export const copyAs = (format: CopyFormat, bytes: Uint8Array): string => writers[format](bytes)
