// How a board stands towards the person who looks at it: in one word, a shape and a colour, so that colour is never the only sign.

import type { Me } from '../../server/contract/identity.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'

export type Shape = 'ring' | 'disc' | 'bar' | 'square' | 'frame'

export interface Standing {
  kind: 'free' | 'yours' | 'held' | 'clearing' | 'maintenance' | 'quarantined' | 'offline'
  words: string
  shape: Shape
  /** A custom property of tokens.css. */
  colour: string
}

export function controls(lease: Lease | null, me: Pick<Me, 'id'> | null): boolean {
  if (lease?.state !== 'active' || !me) return false
  return lease.holder === me.id || lease.members.includes(me.id)
}

const signs = {
  clearing: { shape: 'bar', colour: '--clearing' },
  maintenance: { shape: 'frame', colour: '--clearing' },
  quarantined: { shape: 'square', colour: '--quarantined' },
  offline: { shape: 'frame', colour: '--offline' },
} as const

export function standing(status: BoardStatus, me: Pick<Me, 'id'> | null): Standing {
  const { state, lease } = status
  if (state === 'ready') return { kind: 'free', words: 'free', shape: 'ring', colour: '--ready' }
  if (state === 'leased') return held(lease, me)
  return { kind: state, words: state, ...signs[state] }
}

function held(lease: Lease | null, me: Pick<Me, 'id'> | null): Standing {
  const sign = { shape: 'disc', colour: '--leased' } as const
  if (!controls(lease, me)) return { kind: 'held', words: lease?.holderName ?? 'in use', ...sign }
  if (lease?.holder === me?.id) return { kind: 'yours', words: 'yours', ...sign }
  return { kind: 'yours', words: `yours with ${lease?.holderName}`, ...sign }
}
