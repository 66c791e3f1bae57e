// What a person does on the Bench, as the steps of a recipe. It waits where the person waited: for the end of a transfer that had
// ended, and for a ring to fill as far as it had.

import type { RegisterOperation } from '../../server/contract/board.ts'
import type { NewCapture } from '../../server/contract/capture.ts'
import type {
  DmaSessionSummary,
  FillRequest,
  LockRequest,
  Transfer,
  TransferRequest,
} from '../../server/contract/dma-session.ts'
import { recipeLimits } from '../../server/contract/limits.ts'
import type { RecipeStep } from '../../server/contract/recipe.ts'
import type { LeaseRecord } from './lease-record.svelte.ts'

type Session = Omit<DmaSessionSummary, 'transfers' | 'transferCount'>
type LookedUp = Pick<LeaseRecord, 'find'> & { sessions: Pick<LeaseRecord['sessions'], 'get'> }

interface Begun {
  name: string
  session: string
  n: number
}

const waitTimeoutMs = 60_000
const longestName = 32
const operationsPerStep = 256
const pageByteLength = 4096

export class RecipeRecorder {
  on = $state(false)
  steps = $state.raw<RecipeStep[]>([])
  readonly isFull = $derived(this.steps.length >= recipeLimits.steps)
  #locks = new Map<string, string>()
  #names = new Set<string>()
  /** The transfers that the recipe has not waited for. */
  #running: Begun[] = []
  #begun: Begun[] = []
  #record: LookedUp

  constructor(record: LookedUp) {
    this.#record = record
  }

  /** The same recording, on another screen's record of the lease. */
  follow(record: LookedUp): void {
    this.#record = record
  }

  begin(): void {
    this.discard()
    this.on = true
  }

  end(): void {
    this.on = false
  }

  discard(): void {
    this.on = false
    this.steps = []
    this.#locks.clear()
    this.#names.clear()
    this.#running = []
    this.#begun = []
  }

  lock(request: LockRequest, session: string): void {
    if (this.on) this.#lock(request, session)
  }

  unlock(session: string): void {
    this.#add(session, (lock) => ({ op: 'unlock', lock }))
    this.#locks.delete(session)
  }

  fill(session: string, request: FillRequest): void {
    this.#add(session, (lock) => ({ op: 'fill', lock, ...request }))
  }

  capture(session: string, { name = '', offset = 0, ...rest }: Partial<NewCapture>): void {
    this.#add(session, (lock) => ({ op: 'capture', lock, name, offset, ...rest }))
  }

  start(session: string, request: TransferRequest, n: number): void {
    this.#add(session, (lock) => {
      const begun = { name: this.#free(request.channel), session, n }
      this.#running.push(begun)
      this.#begun.push(begun)
      return { op: 'start', lock, as: begun.name, ...request }
    })
  }

  /** One that was started before the recording stays out of it. */
  stop(session: string, n: number): void {
    const begun = this.#begun.find((one) => one.session === session && one.n === n)
    if (begun) this.#add(session, () => ({ op: 'stop', transfer: begun.name }))
    this.#running = this.#running.filter((one) => one !== begun)
  }

  /** What follows one another is one batch. */
  registers(operations: RegisterOperation[]): void {
    if (!this.on) return
    this.#catchUp(null)
    const last = this.steps.at(-1)
    const room = last?.op === 'registers' ? operationsPerStep - last.operations.length : 0
    if (last?.op !== 'registers' || room < operations.length) {
      this.#push({ op: 'registers', operations })
      return
    }
    const merged = { ...last, operations: [...last.operations, ...operations] }
    this.steps = [...this.steps.slice(0, -1), merged]
  }

  #add(session: string, stepOf: (lock: string) => RecipeStep): void {
    if (!this.on) return
    const lock = this.#locks.get(session) ?? this.#lockAgain(session)
    if (lock === null) return
    this.#catchUp(session)
    this.#push(stepOf(lock))
  }

  #lock(request: LockRequest, session: string): string {
    const name = this.#free(request.label.trim().slice(0, longestName) || 'lock')
    this.#catchUp(null)
    this.#push({ op: 'lock', as: name, ...request })
    this.#locks.set(session, name)
    return name
  }

  /** A lock from before the recording: the recipe makes one like it. Null for one that nothing is known of. */
  #lockAgain(session: string): string | null {
    const known = this.#record.sessions.get(session)
    return known ? this.#lock(requestOf(known), session) : null
  }

  /** Waits where the person has waited. `touched`: the lock that the next step is about. */
  #catchUp(touched: string | null): void {
    this.#running = this.#running.filter((begun) => {
      const transfer = this.#record.find(begun.session, begun.n)
      const wait = transfer && waitFor(transfer, begun, touched)
      if (wait) this.#push(wait)
      return !wait
    })
  }

  #push(step: RecipeStep): void {
    if (this.isFull) this.on = false
    else this.steps = [...this.steps, step]
  }

  #free(wanted: string): string {
    let name = wanted
    for (let n = 2; this.#names.has(name); n++) name = `${wanted} ${n}`
    this.#names.add(name)
    return name
  }
}

function waitFor(
  { mode, state, byteLength, bytesCompleted }: Transfer,
  { name, session }: Begun,
  touched: string | null,
): RecipeStep | null {
  const wait = { op: 'wait', transfer: name, timeoutMs: waitTimeoutMs } as const
  if (mode === 'once') return state === 'done' ? wait : null
  if (session !== touched || bytesCompleted === 0) return null
  return { ...wait, bytesCompleted: Math.min(bytesCompleted, byteLength) }
}

/** What was asked for, as far as the lock says it. */
function requestOf(session: Session): LockRequest {
  const { kind, byteLength, direction, label, addressWidth } = session
  const options = session.options.filter((option) => option !== 'KERNEL_BUFFER_ALLOC')
  const most = Math.ceil(byteLength / pageByteLength) + 1
  return {
    ...{ kind, byteLength, direction, options, label },
    ...(options.includes('LARGE_BUFFER') ? { maxPages: most } : {}),
    ...(addressWidth === null ? {} : { addressWidth }),
  }
}

const recorders = new Map<string, RecipeRecorder>()

/** One for each board: a recording goes on while one looks at another screen. */
export function recorderOf(board: string, record: LookedUp): RecipeRecorder {
  const known = recorders.get(board)
  known?.follow(record)
  const recorder = known ?? new RecipeRecorder(record)
  recorders.set(board, recorder)
  return recorder
}
