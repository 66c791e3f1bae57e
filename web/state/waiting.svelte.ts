// Waiting for a board: joining its line, leaving it.

import { joinQueue, leaveQueue, waitForTags } from '../api/bookings.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class Waiting {
  readonly acting = new Action()

  join(board: string): Promise<boolean> {
    return this.acting.run(async () => {
      const { place } = await joinQueue(board)
      announcer.say(`You wait for ${board}, place ${place}`)
    })
  }

  /** For any board with all of these tags; for a dialog that runs the action itself. */
  async joinByTags(tags: string[]): Promise<void> {
    await waitForTags(tags)
    announcer.say(`You wait for any board with ${tags.join(' and ')}`)
  }

  leave(entry: { id: string }): Promise<boolean> {
    return this.acting.run(async () => {
      await leaveQueue(entry.id)
      announcer.say('You do not wait there any more')
    })
  }
}
