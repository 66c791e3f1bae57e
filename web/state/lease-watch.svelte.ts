// Watches the leases of whoever is signed in, on every screen: warns before the end, and keeps on show what they must have seen.

import type { Lease } from '../../server/contract/lease.ts'
import { warningMinutes } from '../../server/contract/limits.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import { controls } from '../shared/standing.ts'
import { account } from './account.svelte.ts'
import { announcer } from './announcer.svelte.ts'
import { clock } from './clock.svelte.ts'
import { Kept } from './kept.svelte.ts'
import { lab } from './lab.svelte.ts'
import { lookAtLeases, type Memory, type News } from './lease-news.ts'
import { newsWords } from './lease-words.ts'
import { notices } from './notices.svelte.ts'

/** Stays on show until it is dismissed. */
export type LastingNews = Exclude<News, { kind: 'soon' }>

interface KeptNews {
  memory: Memory
  lasting: LastingNews[]
}

const mostLasting = 4
const stripMs = Math.max(...warningMinutes) * 60_000

class LeaseWatch {
  #kept = new Kept<string>('pinlab.leases', '')
  lasting = $state.raw<LastingNews[]>([])
  #memory: Memory = {}

  /** This person's leases, the next to end first. */
  readonly mine = $derived(
    lab.boards
      .map(({ status }) => status.lease)
      .filter((lease): lease is Lease => controls(lease, account.me))
      .sort((a, b) => a.endsAt.localeCompare(b.endsAt)),
  )
  /** Those whose end is near enough to be on show everywhere. */
  readonly soon = $derived(
    this.mine.filter(({ endsAt }) => Date.parse(endsAt) - clock.now <= stripMs),
  )

  constructor() {
    const { memory, lasting } = read(this.#kept.value)
    this.#memory = memory
    this.lasting = lasting
  }

  /** What is new about these boards is told: spoken, shown, and as a notice of the browser where that was asked for. */
  look(statuses: BoardStatus[], now: number): void {
    const { me } = account
    if (!me) return
    const { memory, news } = lookAtLeases(this.#memory, { statuses, me, now })
    const changed = JSON.stringify(memory) !== JSON.stringify(this.#memory)
    this.#memory = memory
    for (const one of news) this.#tell(one, now)
    if (changed) this.#keep()
  }

  /** Its holder gives it back: they need not be told that it ended. */
  forget(lease: string): void {
    const { [lease]: _, ...others } = this.#memory
    this.#memory = others
    this.#keep()
  }

  dismiss(one: LastingNews): void {
    this.lasting = this.lasting.filter((other) => other !== one)
    this.#keep()
  }

  #tell(one: News, now: number): void {
    const { title, text } = newsWords(one, now)
    const urgent = one.kind !== 'soon' || one.minutes === Math.min(...warningMinutes)
    if (urgent) announcer.urge(`${title}. ${text}`)
    else announcer.say(`${title}. ${text}`)
    notices.show({ title, text, tag: `${one.lease} ${one.kind}`, board: one.board })
    if (one.kind !== 'soon') this.lasting = [one, ...this.lasting].slice(0, mostLasting)
  }

  #keep(): void {
    const kept: KeptNews = { memory: this.#memory, lasting: this.lasting }
    this.#kept.value = JSON.stringify(kept)
  }
}

/** What another version of this page left may be anything. */
function read(text: string): KeptNews {
  try {
    const kept = JSON.parse(text) as Partial<KeptNews>
    return { memory: kept.memory ?? {}, lasting: kept.lasting ?? [] }
  } catch {
    return { memory: {}, lasting: [] }
  }
}

export const leaseWatch = new LeaseWatch()
