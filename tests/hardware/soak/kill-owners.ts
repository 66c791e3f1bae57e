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

  async transferBegun(): Promise<void> {
    await this.#ask({ ask: 'begin' }, 'begun')
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

async function soak(board: BoardModel, kills: number): Promise<BoardReport> {
  const address = process.env[`PINLAB_TEST_${board.toUpperCase()}`]
  if (!address) throw new Error(`no ${board} is named by the environment`)
  let owner = await Owner.start(board, address)
  let { locked } = await owner.take([])
  const takeovers: Takeover[] = []
  for (let killed = 0; killed < kills; killed++) {
    // The next one is there already, so that it has the board while what was left is still under way.
    const next = await Owner.start(board, address)
    // Every other one when a transfer has just begun, which leaves most of it to the dead; the others at any moment.
    if (killed % 2 === 0) await owner.transferBegun()
    else await delay(Math.random() * longestLifeMs)
    owner.kill()
    const takeover = await next.take(locked)
    takeovers.push(takeover)
    locked = takeover.locked
    owner = next
  }
  return { board, takeovers, rest: await owner.close() }
}

/** Pages that the kernel keeps in place for devices, of all processes. */
function pinnedPages(): number {
  // Each processor counts some for itself for a while; this gathers them.
  readFileSync('/proc/sys/vm/stat_refresh')
  const counters = readFileSync('/proc/vmstat', 'utf8')
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(counters)?.[1])
  return count('nr_foll_pin_acquired') - count('nr_foll_pin_released')
}

const kills = Number(process.argv[2])
const pinnedBefore = pinnedPages()
// One board after the other: what works on others would keep the processor from the one who takes a board over.
const boards: BoardReport[] = []
for (const board of ['edu', 'nvme', 'e1000e'] as const) boards.push(await soak(board, kills))
const report: SoakReport = { boards, pinnedPages: pinnedPages() - pinnedBefore }
console.log(JSON.stringify(report))
process.exit(0)
