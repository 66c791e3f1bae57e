// Everybody who has an account, newest first, and what an administrator does about them.

import type {
  NewPerson,
  OneTimeLink,
  Person,
  PersonChange,
} from '../../server/contract/identity.ts'
import * as api from '../api/identity.ts'
import { ApiProblem } from '../api/problem.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export interface LinkFor {
  person: Person
  link: OneTimeLink
}

export class People {
  items = $state.raw<Person[]>([])
  next = $state<string | null>(null)
  loaded = $state(false)
  /** The newest link that was made; it is shown until it is dismissed, and never again. */
  made = $state.raw<LinkFor | null>(null)
  readonly loading = new Action()

  load = (): Promise<boolean> => this.loading.run(() => this.#readFirst())

  more = (): Promise<boolean> =>
    this.loading.run(async () => {
      const { items, next } = await api.listPeople(this.next)
      this.items = [...this.items, ...items]
      this.next = next
    })

  /** Before a change: what is decided is about what the person is now. */
  async refresh({ id }: Person): Promise<void> {
    this.#put(await api.getPerson(id))
  }

  async invite(wanted: NewPerson): Promise<void> {
    this.made = await api.invite(wanted)
    this.items = [this.made.person, ...this.items]
    announcer.say(`${wanted.name} is invited; the link is on the page`)
  }

  async makeLink(person: Person): Promise<void> {
    this.made = { person, link: await api.makeLink(person.id) }
    announcer.say(`A new link for ${person.name} is on the page`)
  }

  /** After a refusal as stale, what is shown is new, and the next try is about that. */
  async change(person: Person, change: PersonChange): Promise<void> {
    try {
      const changed = await api.changePerson(person, change)
      this.#put(changed)
      if (change.disabled && this.made?.person.id === changed.id) this.made = null
      announcer.say(`${changed.name} is changed`)
    } catch (thrown) {
      if (thrown instanceof ApiProblem && thrown.problem.status === 412) await this.#readFirst()
      throw thrown
    }
  }

  #put(person: Person): void {
    this.items = this.items.map((one) => (one.id === person.id ? person : one))
  }

  async #readFirst(): Promise<void> {
    const { items, next } = await api.listPeople(null)
    this.items = items
    this.next = next
    this.loaded = true
  }
}
