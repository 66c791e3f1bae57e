// Some requests need the password once more. Whatever screen sent one, this asks, and the request goes on or is given up.

import * as api from '../api/identity.ts'
import { whenConfirmationNeeded } from '../api/requests.ts'

class Confirmation {
  asked = $state(false)
  #waiting: ((confirmed: boolean) => void)[] = []

  constructor() {
    whenConfirmationNeeded(() => this.#ask())
  }

  async confirm(password: string): Promise<void> {
    await api.confirm({ password })
    this.#end(true)
  }

  giveUp = (): void => this.#end(false)

  #ask(): Promise<boolean> {
    this.asked = true
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #end(confirmed: boolean): void {
    this.asked = false
    for (const resolve of this.#waiting.splice(0)) resolve(confirmed)
  }
}

export const confirmation = new Confirmation()
