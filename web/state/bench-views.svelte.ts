// How the bench is looked at: every choice of its views that is worth finding again, kept by the server for each person and board.

import type { BytesView, BenchViews as Kept, WaveView } from '../../server/contract/bench-views.ts'
import { getBenchViews, keepBenchViews } from '../api/bench-views.ts'
import { fromLink, toLink } from './view-link.ts'

const usualWave: WaveView = {
  shape: 'wave',
  format: null,
  channels: null,
  first: 0,
  samples: null,
  fit: false,
  trigger: null,
  window: 'hann',
  rolled: 256,
  afterglow: false,
  cursors: null,
  units: [],
}
const usualBytes: BytesView = {
  groupSize: 2,
  littleEndian: true,
  gutter: 'offset',
  follow: true,
  offset: 0,
  bookmarks: [],
}

/** Choices are kept when nothing more was chosen for this long. */
const keepAfterMs = 1000

export class BenchViews {
  /** The lock that was chosen; null for the newest. */
  lock = $state<string | null>(null)
  readonly wave = $state({ ...usualWave })
  readonly bytes = $state({ ...usualBytes })
  /** Panels of which only the heading is shown, by their title. */
  folded = $state.raw<readonly string[]>([])

  /** As the server has them; null until that is known. */
  #kept: string | null = null
  #latest = ''
  #keeping: ReturnType<typeof setTimeout> | null = null

  constructor(private readonly board: string) {}

  /**
   * Shows what was kept; or, with a link, what that shows: then one's own choices stay as they were. What is chosen last is kept when
   * the result is called.
   */
  start(link: string | null): () => void {
    const linked = link && fromLink(link)
    if (linked) this.#apply(linked)
    else void this.#load()
    return () => this.#keepNow()
  }

  /** To be called whenever a choice has changed. */
  keep(): void {
    const views = toLink(this.#worthKeeping)
    if (views === this.#latest) return
    this.#latest = views
    if (this.#keeping) clearTimeout(this.#keeping)
    this.#keeping = null
    if (this.#kept === null || views === this.#kept) return
    this.#keeping = setTimeout(() => this.#keepNow(), keepAfterMs)
  }

  isFolded = (title: string): boolean => this.folded.includes(title)

  fold = (title: string): void => {
    this.folded = this.isFolded(title)
      ? this.folded.filter((one) => one !== title)
      : [...this.folded, title]
  }

  /** The address of exactly this view. Bookmarks are one's own, and may be long. */
  address(lock: string | null): string {
    const { wave, bytes } = this
    const { bookmarks, ...shown } = changes(usualBytes, bytes)
    const views = {
      ...(lock ? { lock } : {}),
      ...{ wave: changes(usualWave, wave), bytes: shown },
      folded: [...this.folded],
    }
    const { origin, pathname } = location
    return `${origin}${pathname}?${new URLSearchParams({ view: toLink(views) })}`
  }

  /** Without what is about one lock, which does not last. */
  get #worthKeeping(): Kept {
    const { offset, ...bytes } = changes(usualBytes, this.bytes)
    const { first, cursors, ...wave } = changes(usualWave, this.wave)
    return { wave, bytes, folded: [...this.folded] }
  }

  #apply({ lock, wave, bytes, folded }: Kept): void {
    if (lock) this.lock = lock
    Object.assign(this.wave, wave)
    Object.assign(this.bytes, bytes)
    this.folded = folded ?? []
  }

  async #load(): Promise<void> {
    try {
      this.#apply(await getBenchViews(this.board))
    } catch {
      // The views are as for whoever comes first, and nothing is kept over what could not be read.
      return
    }
    this.#kept = toLink(this.#worthKeeping)
  }

  #keepNow(): void {
    if (!this.#keeping) return
    clearTimeout(this.#keeping)
    this.#keeping = null
    const views = this.#worthKeeping
    this.#kept = toLink(views)
    // Where it fails, the next choice is kept with this one.
    keepBenchViews(this.board, views).catch(() => {
      this.#kept = ''
    })
  }
}

/** What differs from the usual. */
function changes<T extends object>(usual: T, now: T): Partial<T> {
  const isUsual = ([key, value]: [string, unknown]) =>
    JSON.stringify(usual[key as keyof T]) === JSON.stringify(value)
  const pairs = Object.entries(now).filter((pair) => !isUsual(pair))
  return Object.fromEntries(pairs) as Partial<T>
}
