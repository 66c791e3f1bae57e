import { describe, expect, it } from 'vitest'
import { dataQuery } from '../../web/shared/data-file.ts'

const known = { format: 'i16le', channels: 2, stride: 8, sampleRate: 1e6 }
const asked = (change: object = {}) => ({
  ...{ format: 'npy', sample: 'i16le', channels: '2', sampleRate: '' },
  ...change,
})
const query = (change?: object) => dataQuery(asked(change) as never, known)

describe('a download', () => {
  it('of samples as the board delivered them keeps its stride', () => {
    expect(query().query).toEqual({ format: 'npy', sample: 'i16le', channels: 2, stride: 8 })
    expect(query({ channels: '1' }).query).not.toHaveProperty('stride')
  })

  it('of bytes asks for nothing else', () => {
    expect(query({ format: 'bin', channels: 'x' }).query).toEqual({ format: 'bin' })
  })

  it.each([
    ['no channels', { channels: '0' }],
    ['a rate that is none', { sampleRate: 'fast' }],
    ['a WAV of signed bytes', { format: 'wav', sample: 'i8', sampleRate: '8000' }],
    ['a WAV of unsigned words', { format: 'wav', sample: 'u16le', sampleRate: '8000' }],
    ['a WAV without a rate', { format: 'wav' }],
  ])('with %s is not asked for', (_, change) => {
    expect(query(change).query).toBe(null)
  })

  it('as a WAV says how fast', () => {
    expect(query({ format: 'wav', sampleRate: '48000' }).query).toMatchObject({
      sampleRate: 48_000,
    })
  })
})
