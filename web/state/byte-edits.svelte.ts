// Bytes that somebody typed over a lock's memory: kept here until they are written, and how both are undone.

import { plural } from '../shared/format.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'
import { type LockBytes, lockBytes } from './lock-bytes.ts'

interface Run {
  offset: number
  bytes: Uint8Array
}
/** One byte of what is typed; undefined where it is not edited. */
interface Typed {
  kind: 'typed'
  at: number
  before: number | undefined
  after: number | undefined
}
/** What the memory held before a write, and what it holds since. */
interface Written {
  kind: 'written'
  before: Run[]
  after: Run[]
}
type Step = Typed | Written

/** They are typed by hand; each stretch of them is one request. */
export const mostEdited = 1024
const mostSteps = 2048

export class ByteEdits {
  readonly writing = new Action()
  #bytes = $state.raw<ReadonlyMap<number, number>>(new Map())
  #done = $state.raw<Step[]>([])
  #undone = $state.raw<Step[]>([])

  constructor(private readonly memory: LockBytes = lockBytes) {}

  get bytes(): ReadonlyMap<number, number> {
    return this.#bytes
  }

  get canUndo(): boolean {
    return this.#done.length > 0
  }

  /** What is undone next was written: it means to write again. */
  get undoesWrite(): boolean {
    return this.#done.at(-1)?.kind === 'written'
  }

  get canRedo(): boolean {
    return this.#undone.length > 0
  }

  /** False where there are as many as can be. */
  type(at: number, byte: number): boolean {
    if (this.writing.busy) return false
    if (this.#bytes.size >= mostEdited && !this.#bytes.has(at)) return false
    this.#take({ kind: 'typed', at, before: this.#bytes.get(at), after: byte }, 'after')
    return true
  }

  /** What was written before can still be undone. */
  discard = (): void => {
    this.#bytes = new Map()
    this.#done = this.#done.filter(({ kind }) => kind === 'written')
    this.#undone = []
  }

  /** Another lock, or none: what was typed was meant for that one. */
  forget(): void {
    this.#bytes = new Map()
    this.#done = []
    this.#undone = []
    this.writing.dismiss()
  }

  /** What the memory holds is read first, so that it can be put back. */
  write(session: string): Promise<boolean> {
    return this.writing.run(async () => {
      const after = runsOf(this.#bytes)
      const before: Run[] = []
      for (const { offset, bytes } of after)
        before.push({ offset, bytes: await this.memory.read(session, offset, bytes.length) })
      await this.#writeRuns(session, after)
      const count = this.#bytes.size
      this.discard()
      this.#done = [...this.#done, { kind: 'written', before, after }]
      announcer.say(`${plural(count, 'byte')} written`)
    })
  }

  /** Of written bytes: writes what was there before them. The place that changed, to look at. */
  undo(session: string): Promise<number | null> {
    return this.#step(session, 'before')
  }

  redo(session: string): Promise<number | null> {
    return this.#step(session, 'after')
  }

  async #step(session: string, to: 'before' | 'after'): Promise<number | null> {
    const step = (to === 'before' ? this.#done : this.#undone).at(-1)
    if (!step || this.writing.busy) return null
    if (step.kind === 'typed') {
      this.#move(step, to)
      return step.at
    }
    const worked = await this.writing.run(() => this.#writeRuns(session, step[to]))
    if (!worked) return null
    this.#move(step, to)
    const words = to === 'before' ? 'written back as they were before' : 'written again'
    announcer.say(`${plural(byteCount(step.after), 'byte')} ${words}`)
    return step.after[0]?.offset ?? null
  }

  async #writeRuns(session: string, runs: Run[]): Promise<void> {
    for (const { offset, bytes } of runs) await this.memory.write(session, offset, bytes)
  }

  #move(step: Step, to: 'before' | 'after'): void {
    if (to === 'before') {
      this.#done = this.#done.slice(0, -1)
      this.#undone = [...this.#undone, step]
    } else {
      this.#undone = this.#undone.slice(0, -1)
      this.#done = [...this.#done, step]
    }
    if (step.kind === 'typed') this.#set(step.at, step[to])
  }

  #take(step: Typed, to: 'after'): void {
    this.#done = [...this.#done, step].slice(-mostSteps)
    this.#undone = []
    this.#set(step.at, step[to])
  }

  #set(at: number, byte: number | undefined): void {
    const bytes = new Map(this.#bytes)
    if (byte === undefined) bytes.delete(at)
    else bytes.set(at, byte)
    this.#bytes = bytes
  }
}

const byteCount = (runs: Run[]) => runs.reduce((sum, { bytes }) => sum + bytes.length, 0)

/** Bytes beside each other become one run, in order. */
export function runsOf(bytes: ReadonlyMap<number, number>): Run[] {
  const sorted = [...bytes].sort(([a], [b]) => a - b)
  const runs: { offset: number; bytes: number[] }[] = []
  for (const [at, byte] of sorted) {
    const last = runs.at(-1)
    if (last && last.offset + last.bytes.length === at) last.bytes.push(byte)
    else runs.push({ offset: at, bytes: [byte] })
  }
  return runs.map(({ offset, bytes }) => ({ offset, bytes: Uint8Array.from(bytes) }))
}
