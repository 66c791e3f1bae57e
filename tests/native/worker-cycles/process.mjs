// Starts worker after worker, ends each in one of the ways that there are, and prints what this process holds before and after.
// Arguments: the URL of the compiled native layer, the number of workers, bytes of each of the two locks of a worker.

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Whatever comes once only, such as libuv's threads and V8's heaps, is there after so many. */
const warmUpCycles = 40
const workersAtOnce = 2

const [native, cycles, lockByteLength] = process.argv.slice(2)
const script = new URL('./worker.cjs', import.meta.url)

const ends = {
  /** A transfer goes on. */
  terminated: async (worker) => {
    await once(worker, 'message')
    await worker.terminate()
  },
  /** Wherever it is: the module is being loaded, the board opened, memory locked. */
  terminatedAtAnyTime: async (worker, number) => {
    await Promise.race([delay(number % 64), once(worker, 'exit')])
    await worker.terminate()
  },
  /** process.exit and the end of the script, both with a transfer that goes on. */
  exits: (worker) => once(worker, 'exit'),
  returns: (worker) => once(worker, 'exit'),
  /** Everything is stopped, unlocked and closed. */
  closes: (worker) => once(worker, 'exit'),
}

async function cycle(number) {
  const names = Object.keys(ends)
  const end = names[number % names.length]
  const worker = new Worker(script, {
    workerData: { native, end, lockByteLength: Number(lockByteLength) },
  })
  const failed = once(worker, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  await Promise.race([ends[end](worker, number), failed])
}

function status(name) {
  const text = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
}

const held = () => ({
  lockedKiB: status('VmLck'),
  anonymousKiB: status('RssAnon'),
  threads: readdirSync('/proc/self/task').length,
  files: readdirSync('/proc/self/fd').length,
})

async function run(count) {
  let number = 0
  const work = async () => {
    while (number < count) await cycle(number++)
  }
  await Promise.all(Array.from({ length: workersAtOnce }, work))
}

await run(warmUpCycles)
const before = held()
await run(Number(cycles))
console.log(JSON.stringify({ before, after: held() }))
