// An interrupt to wait for, instead of being called.

import { refused } from './errors.ts'
import type { EnabledInterrupt, InterruptEvent } from './surface.ts'

interface Waiter {
  resolve(event: InterruptEvent): void
  reject(error: Error): void
  timer: NodeJS.Timeout | undefined
}

const longestTimeOutMs = 2 ** 31 - 1
const nothing: InterruptEvent = { count: 0, lost: 0 }

/** Made by a card only. What comes while nobody waits is counted, so it ends the next wait at once. */
export class InterruptLine implements EnabledInterrupt {
  #total = 0
  #pending = nothing
  #waiter: Waiter | undefined
  #disarm: (() => void) | undefined

  /** `arm` takes the handler of the vector, and returns what disarms it. */
  constructor(
    readonly vector: number,
    arm: (handler: (event: InterruptEvent) => void) => () => void,
  ) {
    this.#disarm = arm((event) => this.#take(event))
  }

  get total(): number {
    return this.#total
  }

  wait({ timeoutMs }: { timeoutMs?: number } = {}): Promise<InterruptEvent> {
    return new Promise((resolve, reject) => {
      if (timeoutMs !== undefined && !(timeoutMs >= 0 && timeoutMs <= longestTimeOutMs)) {
        throw refused('WD_INVALID_PARAMETER', 'wait', 'a time-out is 0 to 2,147,483,647 ms')
      }
      if (!this.#disarm) throw notEnabled('wait')
      if (this.#waiter) throw refused('WD_TRY_AGAIN', 'wait', 'somebody waits already')
      if (this.#pending.count > 0) return resolve(this.#collect())
      const expire = () =>
        this.#end(refused('WD_TIME_OUT_EXPIRED', 'wait', 'no interrupt came in time'))
      const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs)
      this.#waiter = { resolve, reject, timer }
    })
  }

  disable(): void {
    if (!this.#disarm) throw notEnabled('disable')
    this.#disarm()
    this.#disarm = undefined
    this.#end(notEnabled('wait'))
  }

  /** The card was closed, with the vector's handler. */
  closed(): void {
    this.#disarm = undefined
    this.#end(refused('WD_INVALID_HANDLE', 'wait', 'the card is closed'))
  }

  #take({ count, lost }: InterruptEvent): void {
    this.#total += count
    this.#pending = { count: this.#pending.count + count, lost: this.#pending.lost + lost }
    const waiter = this.#waiter
    if (!waiter) return
    this.#waiter = undefined
    clearTimeout(waiter.timer)
    waiter.resolve(this.#collect())
  }

  #collect(): InterruptEvent {
    const event = this.#pending
    this.#pending = nothing
    return event
  }

  #end(error: Error): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    clearTimeout(waiter?.timer)
    waiter?.reject(error)
  }
}

function notEnabled(operation: string) {
  return refused('WD_INTERRUPT_NOT_ENABLED', operation, 'the interrupt is not enabled')
}
