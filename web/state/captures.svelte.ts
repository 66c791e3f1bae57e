// One's captures, newest first, page by page, and how much room is left for more.

import type { Capture, CapturePage } from '../../server/contract/capture.ts'
import { captureDataPath, deleteCapture, listCaptures } from '../api/captures.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class Captures {
  items = $state.raw<Capture[]>([])
  quota = $state.raw<CapturePage['quota'] | null>(null)
  next = $state<string | null>(null)
  loaded = $state(false)
  readonly loading = new Action()

  load = (): Promise<boolean> => this.loading.run(() => this.#readFirst())

  more = (): Promise<boolean> =>
    this.loading.run(async () => {
      const { items, next } = await listCaptures(this.next ? { cursor: this.next } : {})
      this.items = [...this.items, ...items]
      this.next = next
    })

  async remove({ id, name }: Capture): Promise<void> {
    await deleteCapture(id)
    announcer.say(`Capture ${name} deleted`)
    await this.#readFirst()
  }

  address = (capture: Capture): string => captureDataPath(capture.id)

  async #readFirst(): Promise<void> {
    const { items, next, quota } = await listCaptures({})
    this.items = items
    this.next = next
    this.quota = quota
    this.loaded = true
  }
}
