// Taking and giving back the right to control a board.

import { releaseLease, takeLease } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

interface LeaseName {
  id: string
  board: string
}

export class Control {
  readonly taking = new Action()
  readonly releasing = new Action()

  take(board: string): Promise<boolean> {
    return this.taking.run(async () => {
      await takeLease(board)
      announcer.say(`You control ${board}`)
    })
  }

  release(lease: LeaseName): Promise<boolean> {
    return this.releasing.run(() => this.giveBack(lease))
  }

  /** As `release`, for a dialog that runs `releasing` itself. */
  async giveBack({ id, board }: LeaseName): Promise<void> {
    await releaseLease(id)
    announcer.say(`${board} released`)
  }
}
