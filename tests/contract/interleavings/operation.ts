// One thing to do to locks and cards. Begun at once, settled by the promise, so that several can be under way.

import fc from 'fast-check'
import { expect } from 'vitest'
import { checkInvariants } from './invariants.ts'
import type { KnownCard, World } from './world.ts'

export type Begin = (world: World) => Promise<void> | undefined

/** A command: does nothing where the world has nothing for it. */
export class Operation implements fc.AsyncCommand<World, World> {
  constructor(
    readonly text: string,
    readonly begin: Begin,
  ) {}
  check = () => true
  async run(world: World): Promise<void> {
    await this.begin(world)
    await checkInvariants(world)
  }
  toString = () => this.text
}

export const index = fc.nat({ max: 63 })
export const pick = <T>(list: readonly T[], i: number): T | undefined =>
  list[i % (list.length || 1)]
export const refusal = (statusName: string) => expect.objectContaining({ statusName })
export const openCards = ({ cards }: World): KnownCard[] =>
  cards.filter(({ state }) => state === 'open')
