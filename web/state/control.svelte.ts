// Taking and giving back the right to control a board.

import { releaseLease, takeLease } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class Control {
  readonly taking = new Action()
  readonly releasing = new Action()

  take(board: string): Promise<boolean> {
    return this.taking.run(async () => {
      await takeLease(board)
      announcer.say(`You control ${board}`)
    })
  }

  release(lease: { id: string; board: string }): Promise<boolean> {
    return this.releasing.run(async () => {
      await releaseLease(lease.id)
      announcer.say(`${lease.board} released`)
    })
  }
}
