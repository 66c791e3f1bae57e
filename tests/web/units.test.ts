import { describe, expect, it } from 'vitest'
import { parseUnit } from '../../web/views/dma/bench/wave/unit-form.ts'
import {
  columnsInUnit,
  counts,
  formatValue,
  rangeInUnits,
  sharedUnit,
} from '../../web/views/dma/bench/wave/units.ts'

const volts = { unit: 'V', gain: 10 / 65_536, offset: 0 }

describe('units', () => {
  it('turn every part of a column, and keep the smallest the smallest', () => {
    const columns = Float32Array.of(1, -2, 3, 0)
    expect([...columnsInUnit(columns, { unit: 'V', gain: -2, offset: 1 })]).toEqual([-1, -5, 5, 1])
    expect(columnsInUnit(columns, counts)).toBe(columns)
  })

  it('scale the range of the format', () => {
    expect(rangeInUnits('i16le', [volts])).toMatchObject({ min: -6, max: 6 })
    expect(rangeInUnits('i16le', [counts])).toEqual({ min: -32_768, max: 32_768, step: 8192 })
  })

  it('stand beside the grid only where all channels have the same', () => {
    expect(sharedUnit([volts, volts]).unit).toBe('V')
    expect(sharedUnit([volts, counts]).unit).toBe('')
  })

  it('are written with a prefix that people use', () => {
    expect(formatValue(-0.00125, volts, 'i16le')).toBe('-1.25 mV')
    expect(formatValue(0.001, volts, 'i16le')).toBe('1 mV')
    expect(formatValue(12_000, volts, 'i16le')).toBe('12 kV')
    expect(formatValue(0, volts, 'i16le')).toBe('0 V')
    expect(formatValue(8192, counts, 'i16le')).toBe('8,192')
    expect(formatValue(11_496.77, counts, 'i16le')).toBe('11,497')
    expect(formatValue(0.123456, counts, 'f32le')).toBe('0.12346')
    expect(formatValue(1.5e-12, counts, 'f32le')).toBe('1.5e-12')
  })
})

describe('a unit as it is typed', () => {
  it('may have a gain that is a fraction', () => {
    expect(parseUnit({ unit: ' V ', gain: '10/65536', offset: '-5' })).toEqual({
      unit: { unit: 'V', gain: 10 / 65_536, offset: -5 },
      faults: {},
    })
  })

  it.each(['', 'x', '1/0', '1/2/3', '0', '1e999'])('has no gain of "%s"', (gain) => {
    const read = parseUnit({ unit: '', gain, offset: '0' })
    expect(read.unit).toBe(null)
    expect(read.faults.gain).toBeTruthy()
  })
})
