import { describe, expect, it } from 'vitest'
import {
  guideSteps,
  nothingHappened,
  remember,
} from '../../web/views/dma/bench/guide/guide-steps.ts'

const states = (happened: typeof nothingHappened) => guideSteps(happened).map(({ state }) => state)

describe('the guided first minute', () => {
  it('begins with taking the board', () => {
    expect(states(nothingHappened)).toEqual(['now', 'later', 'later', 'later'])
  })

  it('keeps what was done after the board is given back', () => {
    const locked = remember(nothingHappened, { ...nothingHappened, taken: true, locked: true })
    expect(states(remember(locked, nothingHappened))).toEqual(['done', 'done', 'now', 'later'])
  })

  it('ticks what a later step needs, too', () => {
    const started = remember(nothingHappened, { ...nothingHappened, started: true })
    expect(states(started)).toEqual(['done', 'done', 'done', 'now'])
  })

  it('is over when everything was done', () => {
    const all = { taken: true, locked: true, started: true, unlocked: true }
    expect(states(all)).toEqual(['done', 'done', 'done', 'done'])
  })
})
