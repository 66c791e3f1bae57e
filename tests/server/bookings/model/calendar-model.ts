// A simple model of a shared lab: what the rules say, in minutes, without database, server or board. The sequence that clears a board
// takes no time here.

export interface ModelBooking {
  board: string
  /** A person's number, or `maintenance`. */
  owner: number | 'maintenance'
  start: number
  end: number
  state: 'held' | 'confirmed'
  claimBy: number
}

interface ModelLease {
  holder: number
  startedAt: number
  endsAt: number
  booking: ModelBooking
}

export interface ModelEntry {
  person: number
  board: string
  offer: ModelBooking | null
}

interface ModelBoard {
  state: 'ready' | 'leased' | 'maintenance' | 'quarantined'
  since: number
  lease: ModelLease | null
  isBroken: boolean
}

export const rules = { default: 30, longest: 60, concurrent: 3, claim: 3, offer: 15, noShow: 5 }

const floor = (at: number) => Math.floor(at / 5) * 5
const ceil = (at: number) => Math.ceil(at / 5) * 5

/** What a request comes to: `ok`, or the code of the refusal. */
export type Outcome = 'ok' | `PINLAB_${string}`

export class CalendarModel {
  now = 0
  readonly boards: Map<string, ModelBoard>
  bookings: ModelBooking[] = []
  queue: ModelEntry[] = []

  constructor(boards: string[]) {
    const fresh = (): ModelBoard => ({ state: 'ready', since: 0, lease: null, isBroken: false })
    this.boards = new Map(boards.map((id) => [id, fresh()]))
  }

  board(id: string): ModelBoard {
    const board = this.boards.get(id)
    if (!board) throw new Error(`the model has no board ${id}`)
    return board
  }

  leaseOf(person: number): [string, ModelLease] | null {
    for (const [id, { lease }] of this.boards) if (lease?.holder === person) return [id, lease]
    return null
  }

  book(person: number, board: string, start: number, end: number): Outcome {
    if (end - start > rules.longest) return 'PINLAB_BOOKING_LENGTH'
    if (this.#busy(board, start, end)) return 'PINLAB_BOOKING_OVERLAP'
    const planned = this.bookings.filter(({ owner, end }) => owner === person && end > this.now)
    if (planned.length >= rules.concurrent) return 'PINLAB_BOOKING_CONCURRENT'
    this.bookings.push({ board, owner: person, start, end, state: 'confirmed', claimBy: 0 })
    return 'ok'
  }

  cancel(booking: ModelBooking): Outcome {
    if (booking.state === 'held' || this.#leaseWith(booking)) return 'PINLAB_BOOKING_STARTED'
    this.#drop(booking)
    return 'ok'
  }

  take(person: number, id: string): Outcome {
    const board = this.board(id)
    if (board.lease) return 'PINLAB_LEASE_TAKEN'
    if (board.state !== 'ready') return 'PINLAB_BOARD_NOT_READY'
    const on = this.#on(id)
    if (on && on.owner !== person) {
      return on.owner === 'maintenance' ? 'PINLAB_BOARD_NOT_READY' : 'PINLAB_BOOKING_OVERLAP'
    }
    let booking = on
    if (!booking) {
      if (this.#isAhead(id, person)) return 'PINLAB_QUEUE_WAITING'
      const longest = Math.max(floor(this.now + rules.default), floor(this.now) + 5)
      const end = Math.min(longest, this.#nextStart(id) ?? longest)
      booking = { board: id, owner: person, start: this.now, end, state: 'confirmed', claimBy: 0 }
      this.bookings.push(booking)
    }
    booking.state = 'confirmed'
    this.queue = this.queue.filter((entry) => entry.board !== id || entry.person !== person)
    board.lease = { holder: person, startedAt: this.now, endsAt: booking.end, booking }
    this.#set(board, 'leased')
    return 'ok'
  }

  release(id: string): void {
    this.#endLease(id)
  }

  extend(id: string): Outcome {
    const { lease } = this.board(id)
    if (!lease) throw new Error(`${id} has no lease`)
    if (this.#isAhead(id, lease.holder)) return 'PINLAB_QUEUE_WAITING'
    const end = lease.endsAt + rules.default
    if (end - floor(lease.booking.start) > rules.longest) return 'PINLAB_BOOKING_LENGTH'
    if (this.#busy(id, lease.endsAt, end)) return 'PINLAB_BOOKING_OVERLAP'
    lease.booking.end = end
    lease.endsAt = end
    return 'ok'
  }

  join(person: number, board: string): Outcome {
    const mine = this.queue.some((entry) => entry.person === person && entry.board === board)
    if (mine) return 'PINLAB_QUEUE_JOINED'
    if (this.board(board).lease?.holder === person) return 'PINLAB_QUEUE_HOLDER'
    this.queue.push({ person, board, offer: null })
    return 'ok'
  }

  leave(person: number, board: string): Outcome {
    const entry = this.queue.find((one) => one.person === person && one.board === board)
    if (!entry) return 'PINLAB_QUEUE_UNKNOWN'
    if (entry.offer) this.#drop(entry.offer)
    this.queue = this.queue.filter((one) => one !== entry)
    return 'ok'
  }

  /** What is in the way is cancelled. */
  maintain(board: string, end: number): Outcome {
    const start = floor(this.now)
    for (const booking of this.#between(board, start, end)) {
      if (this.#leaseWith(booking)) this.#endLease(board)
      else {
        this.#drop(booking)
        const entry = this.queue.find(({ offer }) => offer === booking)
        if (entry) entry.offer = null
      }
    }
    const owner = 'maintenance'
    this.bookings.push({ board, owner, start, end, state: 'confirmed', claimBy: 0 })
    return 'ok'
  }

  /** The next time somebody looks whether it is well, it is not. */
  break(board: string): void {
    this.board(board).isBroken = true
  }

  clearQuarantine(id: string): Outcome {
    const board = this.board(id)
    if (board.state !== 'quarantined') return 'PINLAB_BOARD_NOT_QUARANTINED'
    board.isBroken = false
    this.#set(board, 'ready')
    return 'ok'
  }

  /** A minute passes, and everything that is due is worked off. */
  pass(): void {
    this.now += 1
    this.settle()
  }

  settle(): void {
    while (this.#sweep());
  }

  #sweep(): boolean {
    let changed = false
    const did = (something: boolean) => {
      changed ||= something
    }
    for (const [id, { lease }] of this.boards) if (lease) did(this.#due(id, lease))
    for (const booking of [...this.bookings])
      if (booking.start <= this.now) did(this.#work(booking))
    for (const id of this.boards.keys()) did(this.#endMaintenance(id))
    for (const id of this.boards.keys()) did(this.#offer(id))
    return changed
  }

  #due(id: string, lease: ModelLease): boolean {
    if (lease.endsAt - this.now > 1) return false
    const next = this.bookings.find(
      (one) => one.board === id && one.start === lease.endsAt && one.owner === lease.holder,
    )
    if (next?.state === 'confirmed') {
      this.#drop(lease.booking)
      lease.booking = next
      lease.endsAt = next.end
      return true
    }
    if (lease.endsAt > this.now) return false
    this.#endLease(id)
    return true
  }

  #work(booking: ModelBooking): boolean {
    const board = this.board(booking.board)
    if (booking.owner === 'maintenance') {
      if (booking.end <= this.now) return this.#drop(booking)
      if (board.state !== 'ready') return false
      this.#set(board, 'maintenance')
      return true
    }
    if (this.#leaseWith(booking)) return false
    if (booking.state === 'held') {
      const entry = this.queue.find(({ offer }) => offer === booking)
      if (!entry) throw new Error('an offer without somebody who waits')
      if (board.state !== 'ready') {
        entry.offer = null
        return this.#drop(booking)
      }
      if (booking.claimBy > this.now) return false
      this.queue = this.queue.filter((one) => one !== entry)
      return this.#drop(booking)
    }
    if (booking.end <= this.now) return this.#drop(booking)
    const couldBegin = Math.max(booking.start, board.since)
    if (board.state !== 'ready' || couldBegin + rules.noShow > this.now) return false
    return this.#drop(booking)
  }

  #endMaintenance(id: string): boolean {
    const board = this.board(id)
    if (board.state !== 'maintenance' || this.#on(id)?.owner === 'maintenance') return false
    this.#clear(board)
    return true
  }

  #offer(id: string): boolean {
    const first = this.queue.find((entry) => entry.board === id && !entry.offer)
    if (!first || this.board(id).state !== 'ready' || this.#on(id)) return false
    const longest = ceil(this.now + rules.default)
    const end = Math.min(longest, this.#nextStart(id) ?? longest)
    if (end - this.now < rules.offer) return false
    const claimBy = this.now + rules.claim
    const start = this.now
    first.offer = { board: id, owner: first.person, start, end, state: 'held', claimBy }
    this.bookings.push(first.offer)
    return true
  }

  #endLease(id: string): void {
    const board = this.board(id)
    if (board.lease) this.#drop(board.lease.booking)
    board.lease = null
    this.#clear(board)
  }

  #clear(board: ModelBoard): void {
    this.#set(board, board.isBroken ? 'quarantined' : 'ready')
  }

  #set(board: ModelBoard, state: ModelBoard['state']): void {
    board.state = state
    board.since = this.now
  }

  #drop(booking: ModelBooking): true {
    this.bookings = this.bookings.filter((one) => one !== booking)
    return true
  }

  #leaseWith(booking: ModelBooking): boolean {
    return this.board(booking.board).lease?.booking === booking
  }

  #between(board: string, start: number, end: number): ModelBooking[] {
    return this.bookings.filter((one) => one.board === board && one.start < end && one.end > start)
  }

  #busy = (board: string, start: number, end: number) => this.#between(board, start, end).length > 0
  #on = (board: string) => this.#between(board, this.now, this.now + 1)[0]

  #nextStart(board: string): number | undefined {
    const starts = this.#between(board, this.now, Infinity).map(({ start }) => start)
    return starts.length === 0 ? undefined : Math.min(...starts)
  }

  #isAhead(board: string, person: number): boolean {
    const first = this.queue.find((entry) => entry.board === board && !entry.offer)
    return first !== undefined && first.person !== person
  }
}
