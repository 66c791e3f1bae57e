// One board on the bench: what it is, how it stands, the locks of its lease, and what its holder can do with it.

import type {
  FillRequest,
  LockRequest,
  TransferRequest,
  VerifyRequest,
} from '../../server/contract/dma-session.ts'
import type { BoardDetail, BoardStatus } from '../../server/contract/overview.ts'
import * as api from '../api/http.ts'
import { plural } from '../shared/format.ts'
import { controls, standing } from '../shared/standing.ts'
import { lockName } from '../shared/words.ts'
import { account } from './account.svelte.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'
import { BenchViews } from './bench-views.svelte.ts'
import { clock } from './clock.svelte.ts'
import { Control } from './control.svelte.ts'
import { lab } from './lab.svelte.ts'
import { LeaseRecord, type RecordedTransfer } from './lease-record.svelte.ts'
import { live } from './live.svelte.ts'
import { type RecipeRecorder, recorderOf } from './recipe-recorder.svelte.ts'
import { RegisterValues } from './register-values.svelte.ts'
import { router } from './router.svelte.ts'

export class Bench {
  detail = $state.raw<BoardDetail | null>(null)
  status = $state.raw<BoardStatus | null>(null)

  readonly loading = new Action()
  readonly control = new Control()
  readonly stopping = new Action()
  readonly clearing = new Action()
  readonly checking = new Action()
  readonly resetting = new Action()
  readonly record = new LeaseRecord()
  readonly registers: RegisterValues
  readonly recorder: RecipeRecorder
  readonly views: BenchViews

  readonly standing = $derived(this.status && standing(this.status, account.me))
  readonly mine = $derived(
    account.may('board.control') && controls(this.status?.lease ?? null, account.me),
  )
  /** Its bytes may be looked at: by who controls it, or by everybody where its holder allows it. */
  readonly sees = $derived(
    this.mine || (this.status?.lease?.state === 'active' && this.status.lease.watchable),
  )
  /** The lease is this person's own: they decide how long it is and who shares it. */
  readonly holds = $derived(this.mine && this.status?.lease?.holder === account.me?.id)
  /** Somebody else's, and this person keeps the boards. */
  readonly keeps = $derived(
    this.status?.lease?.state === 'active' && !this.holds && account.may('board.maintain'),
  )
  /** It is free, and this person's role lets them take it. */
  readonly mayTake = $derived(this.standing?.kind === 'free' && account.may('board.book'))
  /** Out of use, with nobody's memory at stake, and this person keeps the boards. */
  readonly mayClear = $derived(
    (this.status?.state === 'quarantined' || this.status?.state === 'offline') &&
      this.status.lease === null &&
      account.may('board.maintain'),
  )
  /** Nobody has it and it is not out of use; a keeper may see whether it is well. */
  readonly mayCheck = $derived(
    (this.status?.state === 'ready' || this.status?.state === 'maintenance') &&
      this.status.lease === null &&
      account.may('board.maintain'),
  )
  /** Its holder asked for a reset, and it is not over. */
  readonly isReset = $derived(this.status?.state === 'leased' && this.status.step !== null)
  readonly locks = $derived(this.status?.sessions.filter(({ state }) => state === 'locked') ?? [])
  /** The lock that views and forms are about: the chosen one, or the newest. */
  readonly lock = $derived(
    this.locks.find(({ id }) => id === this.views.lock) ?? this.locks.at(-1) ?? null,
  )
  /** The cyclic transfer of which the chosen lock is the ring. */
  readonly filling = $derived(
    this.record.running.find(
      ({ session, transfer }) => session === this.lock?.id && transfer.mode === 'cyclic',
    )?.transfer ?? null,
  )
  readonly timeLeftMs = $derived(
    this.status?.lease ? Date.parse(this.status.lease.endsAt) - clock.now : null,
  )

  #leaseId: string | null = null
  #asksHealth = false

  constructor(readonly board: string) {
    this.recorder = recorderOf(board, this.record)
    this.registers = new RegisterValues(board, (done) => this.recorder.registers(done))
    this.views = new BenchViews(board)
  }

  /** Loads and follows the board until the result is called. */
  start(): () => void {
    void this.load()
    const unwatch = live.socket.watch(this.board, {
      onboard: (status) => this.#follow(status),
      ontransfer: (session, transfer) => this.record.addTransfer(session, transfer),
    })
    const unlisten = live.onReturn(() => this.load())
    const unkeep = this.views.start(router.query.get('view'))
    return () => {
      unkeep()
      unwatch()
      unlisten()
    }
  }

  load(): Promise<boolean> {
    return this.loading.run(async () => {
      this.detail = await api.getBoard(this.board)
      lab.rememberBoard(this.board)
      // What the live connection said meanwhile is newer.
      if (!this.status || live.state !== 'open') this.#follow(this.detail.status)
      // After a reconnect the record may have missed ends.
      else if (this.#leaseId) await this.record.read(this.board, this.#leaseId)
    })
  }

  async lockMemory(request: LockRequest): Promise<void> {
    const session = await api.lockMemory(this.board, request)
    this.record.addSession(session)
    this.views.lock = session.id
    this.recorder.lock(request, session.id)
    announcer.say(`Locked ${lockName(session)}`)
  }

  async unlock(session: { id: string; label: string }): Promise<void> {
    this.record.addSession(await api.unlock(session.id))
    this.recorder.unlock(session.id)
    announcer.say(`Unlocked ${lockName(session)}`)
  }

  clearQuarantine(reason: string): Promise<null> {
    return api.clearQuarantine(this.board, reason)
  }

  /** Begins; `health` says what was found, perhaps before the answer is here. */
  async check(): Promise<void> {
    this.#asksHealth = true
    if (!(await this.checking.run(() => api.checkHealth(this.board)))) this.#asksHealth = false
    else if (this.#asksHealth) announcer.say(`${this.board} is being checked`)
  }

  async reset(): Promise<void> {
    await api.resetBoard(this.board)
    announcer.say(`${this.board} is being reset`)
  }

  async fill(session: string, request: FillRequest): Promise<void> {
    await api.fill(session, request)
    this.recorder.fill(session, request)
  }

  async startTransfer(session: string, request: TransferRequest): Promise<void> {
    const transfer = await api.startTransfer(session, request)
    this.recorder.start(session, request, transfer.n)
    this.record.addTransfer(session, transfer)
    announcer.say(`${request.channel} started`)
  }

  async verify(session: string, request: VerifyRequest): Promise<void> {
    const found = await api.verify(session, request)
    this.record.addVerification(session, found)
    const { ranges } = found.errors
    announcer.say(
      `${request.out} and ${request.in}: ${ranges ? plural(ranges, 'error') : 'verified'}`,
    )
  }

  async stop({ session, transfer }: RecordedTransfer): Promise<void> {
    this.record.addTransfer(session, await api.stopTransfer(session, transfer.n))
    this.recorder.stop(session, transfer.n)
    announcer.say(`${transfer.channel} stopped`)
  }

  /** Every channel is asked, even if one of them fails. */
  stopAll(): Promise<boolean> {
    return this.stopping.run(async () => {
      const results = await Promise.allSettled(this.record.running.map((one) => this.stop(one)))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    })
  }

  #follow(status: BoardStatus): void {
    const before = this.standing?.words
    const was = this.status?.state
    const cleared = was === 'clearing' && status.state === 'ready'
    const wasReset = this.isReset
    const checkedAt = this.status?.health?.checkedAt
    const closed = was !== undefined && was !== 'offline' && status.state === 'offline'
    this.status = status
    // It may have been opened anew, with another identity and other channels, or have none any more.
    if (cleared || closed) void this.load()
    if (wasReset && status.state === 'leased' && !this.isReset)
      announcer.say(`${this.board} was reset`)
    if (this.#asksHealth && status.health && status.health.checkedAt !== checkedAt) {
      this.#asksHealth = false
      announcer.say(`${this.board} was checked. ${status.health.detail}`)
    }
    const lease = status.lease?.id ?? null
    if (lease !== this.#leaseId) this.#begin(lease)
    void this.record.follow(status.sessions, lease)
    const now = this.standing?.words
    if (before && now && before !== now) announcer.say(`${this.board} is ${now}`)
  }

  #begin(lease: string | null): void {
    this.#leaseId = lease
    this.record.clear()
    this.registers.clear()
    // Who may not read this lease's sessions sees an empty record, not a problem that they did not cause.
    if (lease) this.record.read(this.board, lease).catch(() => {})
  }
}
