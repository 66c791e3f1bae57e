import { beforeEach, describe, expect, it } from 'vitest'
import { ByteEdits, mostEdited, runsOf } from '../../web/state/byte-edits.svelte.ts'
import { ByteSnapshot, differencesOf } from '../../web/state/byte-snapshot.svelte.ts'
import { typedCharacter, typedDigit } from '../../web/views/dma/bench/bytes/typing.ts'

/** A lock of eight bytes, and what was written to it. */
const memory = new Uint8Array(8)
let writes: [offset: number, ...bytes: number[]][] = []
const lock = {
  read: async (_session: string, offset: number, byteLength: number) =>
    memory.slice(offset, offset + byteLength),
  write: async (_session: string, offset: number, bytes: Uint8Array) => {
    writes.push([offset, ...bytes])
    memory.set(bytes, offset)
  },
}
beforeEach(() => {
  memory.set([0, 1, 2, 3, 4, 5, 6, 7])
  writes = []
})

describe('edits', () => {
  it('are written at their places, and nothing else is', async () => {
    const edits = new ByteEdits(lock)
    for (const [at, byte] of [
      [6, 9],
      [1, 7],
      [2, 8],
    ] as const)
      edits.type(at, byte)
    expect(writes).toEqual([])
    expect(await edits.write('s')).toBe(true)
    expect(writes).toEqual([
      [1, 7, 8],
      [6, 9],
    ])
    expect(edits.bytes.size).toBe(0)
  })

  it('are undone and done again one by one before they are written', async () => {
    const edits = new ByteEdits(lock)
    edits.type(1, 7)
    edits.type(1, 8)
    expect(await edits.undo('s')).toBe(1)
    expect(edits.bytes.get(1)).toBe(7)
    await edits.undo('s')
    expect(edits.bytes.has(1)).toBe(false)
    await edits.redo('s')
    expect(edits.bytes.get(1)).toBe(7)
    expect(writes).toEqual([])
  })

  it('are undone after they were written by writing what was there', async () => {
    const edits = new ByteEdits(lock)
    edits.type(3, 99)
    await edits.write('s')
    expect(edits.undoesWrite).toBe(true)
    memory[4] = 44
    expect(await edits.undo('s')).toBe(3)
    expect([...memory]).toEqual([0, 1, 2, 3, 44, 5, 6, 7])
    await edits.redo('s')
    expect(memory[3]).toBe(99)
    edits.type(3, 1)
    expect(edits.canRedo).toBe(false)
  })

  it('leave what was written undoable when they are discarded', async () => {
    const edits = new ByteEdits(lock)
    edits.type(0, 50)
    await edits.write('s')
    edits.type(0, 51)
    edits.discard()
    expect(edits.bytes.size).toBe(0)
    await edits.undo('s')
    expect(memory[0]).toBe(0)
  })

  it('stay when they cannot be written', async () => {
    const edits = new ByteEdits({ ...lock, write: () => Promise.reject(new Error('refused')) })
    edits.type(0, 50)
    expect(await edits.write('s')).toBe(false)
    expect(edits.bytes.get(0)).toBe(50)
    expect(edits.writing.problem).not.toBeNull()
  })

  it('are bounded', () => {
    const edits = new ByteEdits(lock)
    for (let at = 0; at < mostEdited; at++) edits.type(at, 1)
    expect(edits.type(mostEdited, 1)).toBe(false)
    expect(edits.type(0, 2)).toBe(true)
    expect(runsOf(edits.bytes)).toHaveLength(1)
  })
})

describe('a typed key', () => {
  const byteAt = (at: number) => memory[at]
  const group = { offset: 2, byteLength: 2 }

  it('replaces half a byte, in the order in which digits are shown', () => {
    const typed = (digit: number, littleEndian: boolean) =>
      typedDigit('A', { digit, group, littleEndian }, byteAt)
    expect(typed(0, false)).toEqual({ at: 2, byte: 0xa2 })
    expect(typed(1, false)).toEqual({ at: 2, byte: 0x0a })
    expect(typed(0, true)).toEqual({ at: 3, byte: 0xa3 })
    expect(typed(3, true)).toEqual({ at: 2, byte: 0x0a })
  })

  it('is none where it is no digit, or the byte is not known', () => {
    const place = { digit: 0, group, littleEndian: true }
    expect(typedDigit('g', place, byteAt)).toBeNull()
    expect(typedDigit('a', place, () => undefined)).toBeNull()
    expect(typedCharacter('Enter', 0, byteAt)).toBeNull()
    expect(typedCharacter('é', 0, byteAt)).toBeNull()
    expect(typedCharacter('g', 4, byteAt)).toEqual({ at: 4, byte: 0x67 })
  })
})

describe('a snapshot', () => {
  it('tells stretches of bytes that differ', () => {
    const now = Uint8Array.from([9, 1, 9, 9, 4, 5, 6, 9])
    expect(differencesOf(memory, now)).toEqual([
      { offset: 0, byteLength: 1 },
      { offset: 2, byteLength: 2 },
      { offset: 7, byteLength: 1 },
    ])
    expect(differencesOf(memory, memory)).toEqual([])
  })

  it('goes from difference to difference, round the ends, as the memory is by then', async () => {
    const snapshot = new ByteSnapshot(lock)
    await snapshot.take('s', 8)
    expect(await snapshot.next(0)).toBeNull()
    memory[2] = 99
    memory[6] = 99
    expect(await snapshot.next(2)).toEqual({ offset: 6, byteLength: 1 })
    expect(await snapshot.next(6)).toEqual({ offset: 2, byteLength: 1 })
    expect(await snapshot.previous(2)).toEqual({ offset: 6, byteLength: 1 })
    expect(snapshot.differing).toBe(2)
    expect(snapshot.differs(2, 99)).toBe(true)
    expect(snapshot.differs(3, undefined)).toBe(false)
  })
})
