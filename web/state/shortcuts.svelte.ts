// Keys that act from anywhere on a screen. Letters can be turned off (WCAG 2.1.4); Esc stays.

import { Kept } from './kept.svelte.ts'

class Shortcuts {
  #kept = new Kept<'on' | 'off'>('pinlab.letters', 'on')

  get lettersOn(): boolean {
    return this.#kept.value === 'on'
  }

  set lettersOn(on: boolean) {
    this.#kept.value = on ? 'on' : 'off'
  }

  /** The key of an event that is meant as a shortcut: not while typing, not in a dialog, not with modifiers. */
  keyOf(event: KeyboardEvent): string | null {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null
    // The browser closes an open dialog on Esc by itself.
    if (document.querySelector('dialog:modal')) return null
    if (event.key === 'Escape') return event.key
    if (!this.lettersOn || isTyping(event.target)) return null
    return event.key
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, select, textarea')
}

export const shortcuts = new Shortcuts()
