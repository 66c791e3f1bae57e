import { describe, expect, it } from 'vitest'
import { copyAs } from '../../web/views/dma/bench/bytes/copy-as.ts'
import { matchStarts, needleOf, type Typed } from '../../web/views/dma/bench/bytes/needle.ts'

const usual: Typed = {
  ...{ kind: 'bytes', text: '', type: 'u16', encoding: 'utf-8', mask: '' },
  ...{ aligned: false, littleEndian: true },
}
const shown = (typed: Partial<Typed>) => {
  const needle = needleOf({ ...usual, ...typed })
  return typeof needle === 'string' ? 'wrong' : [[...needle.bytes], [...needle.mask]]
}
const value = (type: Typed['type'], text: string, more: Partial<Typed> = {}) =>
  shown({ kind: 'value', type, text, ...more })

describe('what is looked for', () => {
  it('is bytes, of which a ? may be any digit', () => {
    expect(shown({ text: 'de AD_0x01,7f' })).toEqual([
      [0xde, 0xad, 1, 0x7f],
      [255, 255, 255, 255],
    ])
    expect(shown({ text: 'a? ?? 0b' })).toEqual([
      [0xa0, 0, 0x0b],
      [0xf0, 0, 0xff],
    ])
  })

  it('is a number in either order, with a mask', () => {
    expect(value('u16', '0x1234')).toEqual([
      [0x34, 0x12],
      [255, 255],
    ])
    expect(value('i32', '-2', { littleEndian: false })).toEqual([
      [255, 255, 255, 254],
      [255, 255, 255, 255],
    ])
    expect(value('i8', '-128')).toEqual([[0x80], [255]])
    expect(value('f32', '-1.5', { littleEndian: false })).toEqual([
      [0xbf, 0xc0, 0, 0],
      [255, 255, 255, 255],
    ])
    expect(value('u16', '0x12', { mask: '0xff00' })).toEqual([
      [0x12, 0],
      [0, 255],
    ])
  })

  it('is found at multiples of the length of the number, if so wished', () => {
    expect(
      needleOf({ ...usual, kind: 'value', type: 'u64', text: '1', aligned: true }),
    ).toMatchObject({ alignment: 8 })
  })

  it('is a text', () => {
    expect(shown({ kind: 'text', text: 'é' })).toEqual([
      [0xc3, 0xa9],
      [255, 255],
    ])
    expect(shown({ kind: 'text', text: 'é', encoding: 'utf-16le' })).toEqual([
      [0xe9, 0],
      [255, 255],
    ])
  })

  it.each([
    { text: '' },
    { text: 'abc' },
    { text: 'xy' },
    { text: 'ab'.repeat(257) },
    ...(['300', '-1', '1.5', 'x'] as const).map(
      (text) => ({ kind: 'value', type: 'u8', text }) as const,
    ),
    { kind: 'value', type: 'i8', text: '128' } as const,
    { kind: 'value', type: 'f64', text: 'x' } as const,
    { kind: 'value', text: '1', mask: '0x10000' } as const,
    { kind: 'text', text: 'é', encoding: 'ascii' } as const,
  ])('is told to be wrong: %j', (typed) => {
    expect(shown(typed)).toBe('wrong')
  })
})

describe('matches in what is shown', () => {
  const memory = [1, 2, 1, 2, 9, 1, 2]
  const needle = { bytes: Uint8Array.of(1, 2), mask: Uint8Array.of(255, 255), alignment: 1 }
  const byteAt = (at: number) => memory[at]

  it('begin before it too, where they reach into it', () => {
    expect(matchStarts(needle, { offset: 1, byteLength: 3 }, byteAt)).toEqual([0, 2])
  })

  it('are only at multiples of the alignment, and only where all bytes are known', () => {
    const all = { offset: 0, byteLength: 7 }
    expect(matchStarts({ ...needle, alignment: 5 }, all, byteAt)).toEqual([0, 5])
    expect(matchStarts(needle, all, (at) => (at === 6 ? undefined : memory[at]))).toEqual([0, 2])
  })
})

describe('bytes are copied', () => {
  const bytes = Uint8Array.of(0x41, 0x0a, 0xff)
  it.each([
    ['hex', '41 0a ff'],
    ['c', 'const unsigned char bytes[3] = {\n  0x41, 0x0a, 0xff,\n};\n'],
    ['python', "b'\\x41\\x0a\\xff'"],
    ['base64', 'QQr/'],
    ['json', '[65,10,255]'],
    ['text', 'A\n\ufffd'],
  ] as const)('as %s', (format, text) => {
    expect(copyAs(format, bytes)).toBe(text)
  })
})
