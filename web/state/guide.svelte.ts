// The guided first minute, for whoever has just set up the lab. It goes when it is dismissed.

import { Kept } from './kept.svelte.ts'

class Guide {
  /** The board that it leads through, where the lab has it. */
  readonly board = 'sim0'
  #kept = new Kept<'on' | 'off'>('pinlab.guide', 'off')

  get on(): boolean {
    return this.#kept.value === 'on'
  }

  begin(): void {
    this.#kept.value = 'on'
  }

  dismiss = (): void => {
    this.#kept.value = 'off'
  }
}

export const guide = new Guide()
