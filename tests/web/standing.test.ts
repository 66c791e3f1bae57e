import { describe, expect, it } from 'vitest'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { controls, standing } from '../../web/shared/standing.ts'

const me = { id: 'ada' }
const lease = (more: Partial<Lease>) =>
  ({ holder: 'ada', state: 'active', members: [], ...more }) as unknown as Lease
const status = (more: Partial<BoardStatus>) =>
  ({ state: 'leased', lease: null, ...more }) as BoardStatus

describe('control of a board', () => {
  it('is its holder’s and its members’', () => {
    expect(controls(lease({}), me)).toBe(true)
    expect(controls(lease({ holder: 'bob', members: ['ada'] }), me)).toBe(true)
    expect(controls(lease({ holder: 'bob' }), me)).toBe(false)
  })

  it('ends with the lease, and is nobody’s before it is known who looks', () => {
    expect(controls(lease({ state: 'ending' }), me)).toBe(false)
    expect(controls(lease({}), null)).toBe(false)
    expect(controls(null, me)).toBe(false)
  })
})

describe('the sign of a board', () => {
  it('says who has it', () => {
    expect(standing(status({ lease: lease({}) }), me).words).toBe('yours')
    expect(standing(status({ lease: lease({ holder: 'b', holderName: 'Bob' }) }), me).words).toBe(
      'Bob',
    )
    expect(
      standing(status({ lease: lease({ holder: 'b', holderName: 'Bob', members: ['ada'] }) }), me),
    ).toMatchObject({
      kind: 'yours',
      words: 'yours with Bob',
    })
  })

  it('has another shape for each state, so that colour is not the only sign', () => {
    const states = ['ready', 'leased', 'clearing', 'quarantined', 'offline'] as const
    const shapes = states.map((state) => standing(status({ state }), me).shape)
    expect(new Set(shapes).size).toBe(states.length)
  })
})
