// Runs in the guest: kills the owner of each board in mid-transfer, again and again, and lets the next one take it at once. Argument: how
// many are killed on each board. Prints a SoakReport.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { BoardModel } from '../guest/qemu.ts'
import type { FromOwner, Rest, Takeover, ToOwner } from './owner-messages.ts'
import type { BoardReport, SoakReport } from './report.ts'

/** Longer than a DMA of the edu, which takes 100 ms. */
const longestLifeMs = 200
const answerTimeoutMs = 60_000

class Owner {
  private constructor(
    private readonly board: BoardModel,
    private readonly child: ChildProcess,
  ) {}

  static async start(board: BoardModel, address: string): Promise<Owner> {
    const child = fork(join(import.meta.dirname, 'owner.js'), [board, address])
    const owner = new Owner(board, child)
    await owner.#hear('ready')
    return owner
  }

  take(lockedBefore: Takeover['locked']): Promise<Takeover> {
    return this.#ask({ ask: 'open', lockedBefore }, 'underWay')
  }

  close(): Promise<Rest> {
    return this.#ask({ ask: 'close' }, 'closed')
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }

  async #ask<Tell extends FromOwner['tell']>(message: ToOwner, wanted: Tell) {
    const answer = this.#hear(wanted)
    this.child.send(message)
    return answer
  }

  async #hear<Tell extends FromOwner['tell']>(wanted: Tell) {
    const signal = AbortSignal.timeout(answerTimeoutMs)
    const [message] = await Promise.race([
      once(this.child, 'message', { signal }),
      once(this.child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`an owner of ${this.board} ended by itself (${by ?? code})`)
      }),
    ])
    if (message.tell !== wanted) throw new Error(`an owner said ${message.tell}, not ${wanted}`)
    return message as Extract<FromOwner, { tell: Tell }>
  }
}

/** A board with the one who owns it now, and who is next. */
class KilledBoard {
  readonly #address: string
  readonly #takeovers: Takeover[] = []
  #owner: Owner | undefined
  #next: Owner | undefined
  #locked: Takeover['locked'] = []

  constructor(readonly model: BoardModel) {
    const address = process.env[`PINLAB_TEST_${model.toUpperCase()}`]
    if (!address) throw new Error(`no ${model} is named by the environment`)
    this.#address = address
  }

  /** The next one is there before the kill, so that it has the board while what was left is still under way. */
  async prepare(): Promise<void> {
    this.#next = await Owner.start(this.model, this.#address)
  }

  /** The first time there is nobody to kill. */
  async handOver(): Promise<void> {
    const next = this.#next
    if (!next) throw new Error(`nobody is there to take ${this.model}`)
    const killed = this.#owner
    if (killed) await delay(Math.random() * longestLifeMs)
    killed?.kill()
    const takeover = await next.take(this.#locked)
    if (killed) this.#takeovers.push(takeover)
    this.#locked = takeover.locked
    this.#owner = next
  }

  async end(): Promise<BoardReport> {
    if (!this.#owner) throw new Error(`nobody has ${this.model}`)
    return { board: this.model, takeovers: this.#takeovers, rest: await this.#owner.close() }
  }
}

/** Pages that the kernel keeps in place for devices, of all processes. */
function pinnedPages(): number {
  const counters = readFileSync('/proc/vmstat', 'utf8')
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(counters)?.[1])
  return count('nr_foll_pin_acquired') - count('nr_foll_pin_released')
}

const kills = Number(process.argv[2])
const pinnedBefore = pinnedPages()
const models: BoardModel[] = ['edu', 'nvme', 'e1000e']
const boards = models.map((model) => new KilledBoard(model))
for (let killed = 0; killed <= kills; killed++) {
  // Processes start together; then one board at a time has the machine for itself.
  await Promise.all(boards.map((board) => board.prepare()))
  for (const board of boards) await board.handOver()
}
const report: SoakReport = {
  boards: await Promise.all(boards.map((board) => board.end())),
  pinnedPages: pinnedPages() - pinnedBefore,
}
console.log(JSON.stringify(report))
process.exit(0)
