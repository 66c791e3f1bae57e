// One thing that a person asked for: whether it is under way, and what went wrong. Shown beside what asked for it.

import { type Problem, toProblem } from '../api/problem.ts'

export class Action {
  busy = $state(false)
  problem = $state.raw<Problem | null>(null)

  /** True if it worked. A second call while busy does nothing: a double click must not lock twice. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.problem = null
    try {
      await work()
      return true
    } catch (thrown) {
      this.problem = toProblem(thrown)
      return false
    } finally {
      this.busy = false
    }
  }

  dismiss = (): void => {
    this.problem = null
  }
}
