// One's bookings for one's own calendar program: an address that is made, shown once, and revoked.

import { endFeed, type FeedState, getFeed, makeFeed } from '../api/bookings.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class CalendarFeedLink {
  state = $state.raw<FeedState | null>(null)
  /** The path that was just made; it is shown until it is dismissed, and never again. */
  made = $state<string | null>(null)
  readonly acting = new Action()

  load = (): Promise<boolean> =>
    this.acting.run(async () => {
      this.state = await getFeed()
    })

  /** An older address stops working. */
  make = (): Promise<boolean> =>
    this.acting.run(async () => {
      this.made = (await makeFeed()).path
      this.state = await getFeed()
      announcer.say('The address of your calendar is on the page')
    })

  end = (): Promise<boolean> =>
    this.acting.run(async () => {
      await endFeed()
      this.made = null
      this.state = await getFeed()
      announcer.say('The address of your calendar does not work any more')
    })
}
