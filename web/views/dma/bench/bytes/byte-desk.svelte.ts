// What somebody does with the bytes of a lock besides looking at them: find, edit, compare, copy, and go back to marked places.

import { untrack } from 'svelte'
import { plural } from '../../../../shared/format.ts'
import { Action } from '../../../../state/action.svelte.ts'
import { announcer } from '../../../../state/announcer.svelte.ts'
import type { Bench } from '../../../../state/bench.svelte.ts'
import { ByteEdits } from '../../../../state/byte-edits.svelte.ts'
import { ByteSearch, type SearchNeedle } from '../../../../state/byte-search.svelte.ts'
import { ByteSnapshot, type Difference } from '../../../../state/byte-snapshot.svelte.ts'
import { copyText } from '../../../../state/clipboard.ts'
import { lockBytes } from '../../../../state/lock-bytes.ts'
import { type CopyFormat, copyAs, mostCopied } from './copy-as.ts'
import { HexView } from './hex-view.svelte.ts'
import { typedCharacter, typedDigit } from './typing.ts'

/** Made while a component is set up, and ends with it. */
export class ByteDesk {
  readonly view: HexView
  readonly search = new ByteSearch()
  readonly edits = new ByteEdits()
  readonly snapshot = new ByteSnapshot()
  readonly copying = new Action()
  copyFormat = $state<CopyFormat>('hex')

  readonly #session = $derived.by(() => this.view.lock?.id ?? null)

  constructor(private readonly bench: Bench) {
    this.view = new HexView(bench)
    $effect(() => {
      void this.#session
      untrack(() => this.#forget())
    })
  }

  /** As it would be once what is typed is written. */
  byteAt = (at: number): number | undefined =>
    this.edits.bytes.get(at) ?? this.view.known.byteAt(at)

  /** A key pressed in the grid that does not move the cursor; true if it does something. */
  press(key: string, { ctrl, shift }: { ctrl: boolean; shift: boolean }): boolean {
    if (ctrl) return this.#command(key.toLowerCase(), shift)
    if (key === 'F2') this.view.turnSide()
    else if (!this.bench.mine) return false
    else if (key === 'Enter') return this.#ifEdited(this.write)
    else if (key === 'Escape') return this.#ifEdited(this.edits.discard)
    else return this.#type(key)
    return true
  }

  async find(needle: SearchNeedle): Promise<void> {
    const { view, search } = this
    await this.#show((session) => search.find(session, needle, view.cursor), needle.bytes.length)
  }

  findNext = async (backward: boolean): Promise<void> => {
    const { search, view } = this
    if (!search.needle) return
    const from = search.current ?? view.cursor
    const go = (session: string) =>
      backward ? search.previous(session, from) : search.next(session, from)
    await this.#show(go, search.needle.bytes.length)
  }

  write = async (): Promise<void> => {
    if (this.#session) await this.edits.write(this.#session)
  }

  undo = async (): Promise<void> => {
    await this.#show((session) => this.edits.undo(session), 1)
  }

  redo = async (): Promise<void> => {
    await this.#show((session) => this.edits.redo(session), 1)
  }

  async takeSnapshot(): Promise<void> {
    const { lock } = this.view
    if (lock) await this.snapshot.take(lock.id, lock.byteLength)
  }

  nextDifference = async (backward: boolean): Promise<void> => {
    const { snapshot, view } = this
    if (!snapshot.bytes) return
    const { offset } = view.selection
    const found: Difference | null = await (backward
      ? snapshot.previous(offset)
      : snapshot.next(offset))
    if (found) view.goTo(found.offset, found.byteLength)
  }

  copy = (): Promise<boolean> => {
    const { selection } = this.view
    return this.copying.run(async () => {
      const bytes = await this.#selected()
      const copied = await copyText(copyAs(this.copyFormat, bytes))
      announcer.say(copied ? `${plural(selection.byteLength, 'byte')} copied` : 'Not copied')
    })
  }

  /** What the page knows of it is taken as it is shown; the rest is asked for. */
  async #selected(): Promise<Uint8Array> {
    const { offset, byteLength } = this.view.selection
    const wanted = Math.min(byteLength, mostCopied)
    const known = Array.from({ length: wanted }, (_, i) => this.byteAt(offset + i))
    if (known.every((byte) => byte !== undefined)) return Uint8Array.from(known)
    return lockBytes.read(this.#session ?? '', offset, wanted)
  }

  #command(key: string, shift: boolean): boolean {
    if (key === 'c') void this.copy()
    else if (key === 'z' && this.bench.mine) void (shift ? this.redo() : this.undo())
    else if (key === 'y' && this.bench.mine) void this.redo()
    else return false
    return true
  }

  #ifEdited(act: () => unknown): boolean {
    if (this.edits.bytes.size === 0) return false
    act()
    return true
  }

  #type(key: string): boolean {
    const { view } = this
    const { littleEndian } = view.chosen
    const group = view.step
    const place = { digit: view.digit, group, littleEndian }
    const typed =
      view.side === 'text'
        ? typedCharacter(key, view.cursor, this.byteAt)
        : typedDigit(key, place, this.byteAt)
    if (!typed) return false
    // What is edited stays in sight.
    if (view.following) view.moveTo(view.offset)
    if (!this.edits.type(typed.at, typed.byte)) return true
    if (view.side === 'digits' && view.digit < 2 * group.byteLength - 1) view.digit++
    else view.advance()
    return true
  }

  async #show(go: (session: string) => Promise<number | null>, byteLength: number): Promise<void> {
    const session = this.#session
    const at = session === null ? null : await go(session)
    if (at !== null) this.view.goTo(at, byteLength)
  }

  #forget(): void {
    this.edits.forget()
    this.snapshot.forget()
    this.search.clear()
  }
}
