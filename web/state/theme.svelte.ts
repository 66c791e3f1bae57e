// Dark, light, or as the system has it. public/theme.js sets the first one, before anything is painted.

import { Kept } from './kept.svelte.ts'

export type ThemeChoice = 'auto' | 'dark' | 'light'

class Theme {
  #kept = new Kept<ThemeChoice>('pinlab.theme', 'auto')
  #systemLight = $state(false)
  /** What is shown. Canvases read it to know when their colours changed. */
  shown: 'dark' | 'light' = $derived.by(() => {
    if (this.choice !== 'auto') return this.choice
    return this.#systemLight ? 'light' : 'dark'
  })

  constructor() {
    const system = matchMedia('(prefers-color-scheme: light)')
    this.#systemLight = system.matches
    system.addEventListener('change', () => {
      this.#systemLight = system.matches
      this.#apply()
    })
  }

  get choice(): ThemeChoice {
    return this.#kept.value
  }

  set choice(choice: ThemeChoice) {
    this.#kept.value = choice
    this.#apply()
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.shown
  }
}

export const theme = new Theme()
