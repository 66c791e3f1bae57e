import { describe, expect, it } from 'vitest'
import { RateMeter } from '../../web/state/rate-meter.ts'

describe('RateMeter', () => {
  it('knows nothing from one sample', () => {
    const meter = new RateMeter()
    meter.add(0, 0)
    expect(meter.perSecond(0)).toBeNull()
  })

  it('tells the rate of the last second, not of the whole time', () => {
    const meter = new RateMeter()
    for (let at = 0; at <= 5000; at += 100) meter.add(at, at < 3000 ? 0 : (at - 3000) * 4)
    expect(meter.perSecond(5000)).toBeCloseTo(4000)
  })

  it('is slow to call a slow channel silent', () => {
    const meter = new RateMeter()
    meter.add(0, 0)
    meter.add(2000, 65_536)
    expect(meter.perSecond(5000)).toBeCloseTo(32_768)
  })

  it('falls to 0 when nothing comes any more', () => {
    const meter = new RateMeter()
    for (let at = 0; at <= 2000; at += 100) meter.add(at, at)
    expect(meter.perSecond(20_000)).toBe(0)
  })

  it('starts again when the count does', () => {
    const meter = new RateMeter()
    meter.add(0, 1000)
    meter.add(1000, 2000)
    meter.add(1100, 0)
    expect(meter.perSecond(1100)).toBeNull()
  })
})
