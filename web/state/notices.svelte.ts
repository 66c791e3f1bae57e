// Notices of the browser, for whoever looks at something else. Asked for by a click, never by themselves.

import { Kept } from './kept.svelte.ts'
import { router } from './router.svelte.ts'
import { paths } from './routes.ts'

interface Notice {
  title: string
  text: string
  /** A later one with the same tag takes the place of the one before. */
  tag: string
  board: string
}

class Notices {
  #wanted = new Kept<'on' | 'off'>('pinlab.notices', 'off')
  #allowed = $state(permission())

  /** Only where the page came over HTTPS or from this machine. */
  readonly canAsk = $derived(this.#allowed !== 'unsupported')
  readonly refused = $derived(this.#allowed === 'denied')

  get on(): boolean {
    return this.#wanted.value === 'on' && this.#allowed === 'granted'
  }

  async toggle(): Promise<void> {
    if (this.on) {
      this.#wanted.value = 'off'
      return
    }
    this.#wanted.value = 'on'
    if (this.#allowed === 'default') await Notification.requestPermission()
    this.#allowed = permission()
  }

  show({ title, text, tag, board }: Notice): void {
    if (!this.on) return
    try {
      const notice = new Notification(title, { body: text, tag })
      notice.onclick = () => {
        window.focus()
        router.go(paths.bench(board))
      }
    } catch {
      // Phones let only a service worker show notices; the page and the title say the same.
    }
  }
}

function permission(): NotificationPermission | 'unsupported' {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.permission
}

export const notices = new Notices()
