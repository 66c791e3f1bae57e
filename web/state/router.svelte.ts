// Which screen is shown, kept in step with the browser's history.

import { matchScreen } from './routes.ts'

class Router {
  path = $state(location.pathname)
  search = $state(location.search)
  screen = $derived(matchScreen(this.path))
  query = $derived(new URLSearchParams(this.search))

  constructor() {
    addEventListener('popstate', () => this.#read())
  }

  go(href: string): void {
    history.pushState(null, '', href)
    this.#read()
    scrollTo(0, 0)
  }

  /** For filters: the address changes, "back" does not step through them. */
  setQuery(pairs: Record<string, string>): void {
    const kept = Object.entries(pairs).filter(([, value]) => value !== '')
    const search = new URLSearchParams(kept).toString()
    history.replaceState(null, '', search ? `${this.path}?${search}` : this.path)
    this.#read()
  }

  /** Follows plain clicks on links of the same origin; everything else is the browser's. */
  followLink = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element).closest('a')
    if (!link || link.target || link.hasAttribute('download')) return
    if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return
    event.preventDefault()
    this.go(link.pathname + link.search)
  }

  #read(): void {
    this.path = location.pathname
    this.search = location.search
  }
}

export const router = new Router()
