// This person's captures of one board, newest first, and how much of their share they use.

import type { Capture, CapturePage, NewCapture } from '../../server/contract/capture.ts'
import { captureDataPath, deleteCapture, listCaptures, takeCapture } from '../api/captures.ts'
import { formatBytes } from '../shared/format.ts'
import { captureName } from '../shared/words.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

/** Older ones are on the screen of all captures. */
const shown = 20

/** Of its bytes, for a plain download. */
export const captureAddress = (id: string): string => captureDataPath(id)

export class CaptureList {
  items = $state.raw<Capture[]>([])
  quota = $state.raw<CapturePage['quota'] | null>(null)
  /** There are older ones. */
  more = $state(false)
  readonly loading = new Action()

  constructor(private readonly board: string) {}

  load(): Promise<boolean> {
    return this.loading.run(async () => {
      const page = await listCaptures({ board: this.board, limit: shown })
      this.items = page.items
      this.quota = page.quota
      this.more = page.next !== null
    })
  }

  async take(session: string, wanted: Partial<NewCapture>): Promise<void> {
    const capture = await takeCapture(session, wanted)
    announcer.say(`Captured ${captureName(capture)}, ${formatBytes(capture.byteLength)}`)
    await this.load()
  }

  async remove(capture: Capture): Promise<void> {
    await deleteCapture(capture.id)
    announcer.say(`Deleted ${captureName(capture)}`)
    await this.load()
  }
}
