// One's captures, of the lab or of one board, newest first, page by page, and how much room is left for more.

import type {
  Capture,
  CaptureChange,
  CapturePage,
  DataQuery,
  NewCapture,
  Replay,
  UploadQuery,
} from '../../server/contract/capture.ts'
import * as api from '../api/captures.ts'
import { formatBytes } from '../shared/format.ts'
import { captureName } from '../shared/words.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

export class Captures {
  items = $state.raw<Capture[]>([])
  quota = $state.raw<CapturePage['quota'] | null>(null)
  next = $state<string | null>(null)
  loaded = $state(false)
  readonly loading = new Action()
  /** How much of a file has left, from 0 to 1; null while none is being sent. */
  sent = $state<number | null>(null)

  constructor(
    private readonly of: Pick<api.CaptureFilter, 'board' | 'limit'> = {},
    private readonly ontaken = (_session: string, _wanted: Partial<NewCapture>) => {},
  ) {}

  load = (): Promise<boolean> => this.loading.run(() => this.#readFirst())

  more = (): Promise<boolean> =>
    this.loading.run(async () => {
      const cursor = this.next ? { cursor: this.next } : {}
      const { items, next } = await api.listCaptures({ ...this.of, ...cursor })
      this.items = [...this.items, ...items]
      this.next = next
    })

  async take(session: string, wanted: Partial<NewCapture>): Promise<void> {
    const capture = await api.takeCapture(session, wanted)
    this.ontaken(session, wanted)
    announcer.say(`Captured ${captureName(capture)}, ${formatBytes(capture.byteLength)}`)
    await this.#readFirst()
  }

  async upload(file: Blob, as: UploadQuery): Promise<void> {
    this.sent = 0
    try {
      const capture = await api.uploadCapture(file, as, (share) => {
        this.sent = share
      })
      announcer.say(`Uploaded ${captureName(capture)}, ${formatBytes(capture.byteLength)}`)
    } finally {
      this.sent = null
    }
    await this.#readFirst()
  }

  async annotate(capture: Capture, change: CaptureChange): Promise<void> {
    const changed = await api.changeCapture(capture.id, change)
    this.items = this.items.map((one) => (one.id === changed.id ? changed : one))
    announcer.say(`Saved ${captureName(changed)}`)
  }

  async replay(capture: Capture, into: Replay): Promise<void> {
    await api.replayCapture(capture.id, into)
    announcer.say(`Loaded ${captureName(capture)}`)
  }

  async remove(capture: Capture): Promise<void> {
    await api.deleteCapture(capture.id)
    announcer.say(`Deleted ${captureName(capture)}`)
    await this.#readFirst()
  }

  /** Of its bytes, or its samples, for a plain download. */
  address = ({ id }: Capture, as?: Partial<DataQuery>): string => api.captureDataPath(id, as)

  async #readFirst(): Promise<void> {
    const { items, next, quota } = await api.listCaptures(this.of)
    this.items = items
    this.next = next
    this.quota = quota
    this.loaded = true
  }
}
