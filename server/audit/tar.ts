// The one way in which a bundle's archive is written: POSIX ustar without anything that could vary, so that a verifier can rebuild each
// header. Imports nothing of ours: the verifier is built from it.

export const blockByteLength = 512

/** What eleven octal digits can say. */
export const longestMember = 8 ** 11 - 1

/** The header of a plain file. `name` is ASCII, up to 100 characters. */
export function tarHeader(name: string, byteLength: number): Buffer {
  const header = Buffer.alloc(blockByteLength)
  header.write(name, 0, 'latin1')
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100, 'latin1')
  header.write(`${byteLength.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write(`${'0'.repeat(11)}\0`, 136, 'latin1')
  header.write(`${' '.repeat(8)}0`, 148, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write('0000000\0'.repeat(2), 329, 'latin1')
  // The sum counts its own field as spaces.
  const sum = header.reduce((before, byte) => before + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** How many zeros follow so many bytes, up to the next block. */
export const paddingOf = (byteLength: number) =>
  (blockByteLength - (byteLength % blockByteLength)) % blockByteLength

export const endOfArchive = Buffer.alloc(2 * blockByteLength)
