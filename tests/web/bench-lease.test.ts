import { describe, expect, it } from 'vitest'
import { checkRange } from '../../web/views/dma/bench/captures/capture-range.ts'
import { keepersOf, loginsFrom, membersOf } from '../../web/views/dma/bench/lease/members.ts'

describe('members as they are typed', () => {
  it('are separated as people do, each once, in lower case', () => {
    expect(loginsFrom(' bob, Cy;cy\n dee ')).toEqual(['bob', 'cy', 'dee'])
    expect(loginsFrom(' , ')).toEqual([])
  })
})

describe('who shares a lease', () => {
  const cy = { id: 'cy', login: 'cy', name: 'Cy', override: null }
  const kim = { id: 'kim', login: 'kim', name: 'Kim', override: 'it smokes' }

  it('is whom the holder added, and apart from them whoever stepped in', () => {
    const lease = { memberDetails: [kim, cy] }
    expect(membersOf(lease)).toEqual([cy])
    expect(keepersOf(lease)).toEqual([kim])
  })
})

describe('the range of a capture', () => {
  it('is taken as typed where it fits', () => {
    expect(checkRange({ offset: '4 KiB', byteLength: '0x1000' }, 8192)).toEqual({
      range: { offset: 4096, byteLength: 4096 },
      faults: {},
    })
  })

  it.each([
    [{ offset: '8192', byteLength: '1' }, ['offset']],
    [{ offset: '4097', byteLength: '4096' }, ['byteLength']],
    [{ offset: '0', byteLength: '0' }, ['byteLength']],
    [{ offset: 'x', byteLength: 'y' }, ['offset', 'byteLength']],
  ])('%o is refused at what is wrong', (typed, wrong) => {
    const { range, faults } = checkRange(typed, 8192)
    expect(range).toBeNull()
    expect(Object.keys(faults)).toEqual(wrong)
  })
})
