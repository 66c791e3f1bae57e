// The clock of the server on times that the test moves.

import { describe, expect, it } from 'vitest'
import { SystemClock } from '../../server/clock.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]
const begin = Date.parse('2027-01-11T14:00:00Z')

function fakeTimes() {
  const times = { wall: begin, monotonic: 5000 }
  const clock = new SystemClock({ wall: () => times.wall, monotonic: () => times.monotonic })
  return {
    clock,
    /** Time goes by. */
    pass(ms: number) {
      times.wall += ms
      times.monotonic += ms
    },
    /** Somebody, or something, moves the wall clock. */
    move(ms: number) {
      times.wall += ms
    },
  }
}

describe('the clock', () => {
  it('is the wall clock, and follows small corrections', () => {
    const { clock, pass, move } = fakeTimes()
    expect(clock.now()).toBe(begin)
    pass(hour)
    for (const correction of [200, -150, 30 * second, -45 * second, minute]) {
      move(correction)
      expect(clock.step()).toBeNull()
    }
    expect(clock.now()).toBe(begin + hour + 45 * second + 50)
  })

  it('follows a correction however often it is repeated', () => {
    const { clock, pass, move } = fakeTimes()
    for (let n = 0; n < 100; n++) {
      pass(second)
      move(-30 * second)
      expect(clock.step()).toBeNull()
    }
    expect(clock.now()).toBe(begin + 100 * second - 100 * 30 * second)
  })

  it.each([
    ['forward', 2 * hour],
    ['back', -2 * hour],
    ['forward by just too much', minute + 1],
    ['back by just too much', -minute - 1],
  ])('that is moved %s goes on as before', (_, byMs) => {
    const { clock, pass, move } = fakeTimes()
    pass(second)
    move(byMs)
    expect(clock.step()).toEqual({ at: begin + second, byMs })
    pass(5 * minute)
    expect(clock.now()).toBe(begin + second + 5 * minute)
    expect(clock.step()).toMatchObject({ at: begin + second, byMs })
  })

  it('is trusted again when it was put right, to the second', () => {
    const { clock, pass, move } = fakeTimes()
    move(-hour)
    expect(clock.step()).not.toBeNull()
    pass(minute)
    move(hour + 3 * second)
    expect(clock.step()).toBeNull()
    expect(clock.now()).toBe(begin + minute + 3 * second)
  })

  it('that is moved further says how far in all', () => {
    const { clock, move } = fakeTimes()
    move(hour)
    expect(clock.step()).toMatchObject({ byMs: hour })
    move(hour)
    expect(clock.step()).toMatchObject({ byMs: 2 * hour })
  })

  it('that is accepted goes on by the wall, and a later move is another one', () => {
    const { clock, pass, move } = fakeTimes()
    move(3 * hour)
    expect(clock.step()).not.toBeNull()
    clock.acceptStep()
    expect(clock.step()).toBeNull()
    expect(clock.now()).toBe(begin + 3 * hour)
    pass(minute)
    move(-hour)
    expect(clock.step()).toEqual({ at: begin + 3 * hour + minute, byMs: -hour })
    expect(clock.now()).toBe(begin + 3 * hour + minute)
  })

  it('is moved by a sleep of the machine, in which only the wall goes on', () => {
    const { clock, pass, move } = fakeTimes()
    pass(minute)
    move(8 * hour)
    expect(clock.now()).toBe(begin + minute)
    expect(clock.step()?.byMs).toBe(8 * hour)
  })
})
