// A pointer on the calendar's grid: a press, and a drag when it moves far enough. Touch drags after a long press, since a finger that
// moves at once scrolls.

import type { Booking } from '../../../../server/contract/booking.ts'
import { type Span, spanOf } from '../../../shared/span.ts'
import { type DragKind, dragged, isDrag } from './drag.ts'

export interface Spot {
  row: number
  at: number
}

export interface Ghost extends Span {
  row: number
  booking: Booking | null
}

interface Press {
  kind: DragKind
  booking: Booking | null
  from: Span
  spot: Spot
  x: number
  y: number
  pointerId: number
  isTouch: boolean
}

export interface DragEnds {
  /** Where a pointer is on the grid. */
  spotAt: (x: number, y: number) => Spot | null
  earliest: () => number
  onpress: (spot: Spot) => void
  ondrop: (ghost: Ghost) => void
}

const longPressMs = 400
/** A finger that rests still trembles. */
const restingPx = 10

export class GridDrag {
  ghost = $state.raw<Ghost | null>(null)
  #press: Press | null = null
  #longPress: ReturnType<typeof setTimeout> | undefined
  /** The click that follows a drop is none. */
  #wasDrag = false

  constructor(private readonly ends: DragEnds) {}

  get isDragging(): boolean {
    return this.ghost !== null
  }

  /** On a booking that may be moved, or its edge; or on an empty stretch. */
  down(event: PointerEvent, grid: HTMLElement, on: { booking: Booking | null; kind: DragKind }) {
    this.#wasDrag = false
    if (event.button !== 0 || !event.isPrimary) return
    const spot = this.ends.spotAt(event.clientX, event.clientY)
    if (!spot) return
    const { clientX: x, clientY: y, pointerId } = event
    const from = on.booking ? spanOf(on.booking) : { start: spot.at, end: spot.at }
    const isTouch = event.pointerType === 'touch'
    this.#press = { ...on, from, spot, x, y, pointerId, isTouch }
    if (isTouch) this.#longPress = setTimeout(() => this.#begin(grid, spot), longPressMs)
  }

  move(event: PointerEvent, grid: HTMLElement): void {
    const press = this.#press
    if (!press || event.pointerId !== press.pointerId) return
    const spot = this.ends.spotAt(event.clientX, event.clientY)
    if (!spot) return
    if (this.ghost) {
      this.#show(press, spot)
    } else if (press.isTouch) {
      const far = Math.hypot(event.clientX - press.x, event.clientY - press.y) > restingPx
      if (far) this.cancel()
    } else if (isDrag(press, { x: event.clientX, y: event.clientY })) {
      this.#begin(grid, spot)
    }
  }

  up(event: PointerEvent): void {
    const press = this.#press
    if (!press || event.pointerId !== press.pointerId) return
    const ghost = this.ghost
    this.cancel()
    if (ghost) {
      this.#wasDrag = true
      this.ends.ondrop(ghost)
    } else if (!press.booking) this.ends.onpress(press.spot)
  }

  cancel = (): void => {
    clearTimeout(this.#longPress)
    this.#press = null
    this.ghost = null
  }

  /** Whether a click is the end of a drag; asked once. */
  swallowsClick(): boolean {
    const was = this.#wasDrag
    this.#wasDrag = false
    return was
  }

  #begin(grid: HTMLElement, spot: Spot): void {
    if (!this.#press) return
    grid.setPointerCapture(this.#press.pointerId)
    this.#show(this.#press, spot)
  }

  #show({ kind, booking, from, spot: origin }: Press, { row, at }: Spot): void {
    const earliest = this.ends.earliest()
    const span = dragged({ kind, from, origin: origin.at, at, earliest })
    // Only what is moved changes its board.
    this.ghost = { ...span, row: kind === 'move' ? row : origin.row, booking }
  }
}
