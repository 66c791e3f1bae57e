// Kills the built server with SIGKILL while clients are at work, again and again on one data folder, and has each restart judged.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { projectRoot } from '../../../server/project-root.ts'
import { changePolicy } from '../../support/change-policy.ts'
import { setUpLab } from '../../support/first-person.ts'
import { book, workOn } from './clients.ts'
import { Ledger } from './ledger.ts'
import { Oracle } from './oracle.ts'

const lab = `boards:
${['sim0', 'sim1']
  .map(
    (id) => `  - { id: ${id}, name: ${id}, bus: simulated, driver: xdma,
      config: { h2c: [memory], c2h: [memory], memoryMiB: 8 } }`,
  )
  .join('\n')}
`
/** Rules of booking that do not get in the way. */
const freedom = { concurrentBookings: 100, weeklyHours: 168, horizonDays: 366 }
/** Operations that are acknowledged before a kill, at most, and ms from then on: a slow machine is killed in mid-work too. */
const mostOperations = 60
const longestLastMs = 20
/** A server that acknowledges nothing is killed all the same. */
const longestLifeMs = 60_000
/** Ms; what a restart may take at most, where nothing else keeps the machine busy. */
const longestRestart = 5000

export interface KillReport {
  kills: number
  seed: number
  lost: number
  invented: number
  acknowledged: number
  orphaned: number
  events: number
  /** From the start of the process until it says that it is ready, ms. */
  restartMs: { median: number; longest: number }
  complaints: string[]
}

export async function killAgainAndAgain(kills: number, seed: number): Promise<KillReport> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pinlab-kills-'))
  try {
    return await run(dataFolder, kills, seed)
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** What `npm run soak -- record` does. Resolves with the exit code. */
export async function runSoak(kills: number): Promise<number> {
  const report = await killAgainAndAgain(kills, Date.now() % 1_000_000)
  console.log(describeReport(report))
  const found = [...report.complaints]
  if (report.restartMs.longest > longestRestart) {
    found.push(`a restart took ${report.restartMs.longest} ms, longer than ${longestRestart}`)
  }
  for (const complaint of found) console.error(complaint)
  return found.length === 0 ? 0 : 1
}

export function describeReport({ complaints, restartMs, ...report }: KillReport): string {
  const { kills, seed, acknowledged, events, orphaned, lost, invented } = report
  return [
    `${kills} kills (seed ${seed}): ${acknowledged} operations acknowledged, ${events} events, ${orphaned} sessions orphaned,`,
    `lost ${lost}, invented ${invented}, complaints ${complaints.length};`,
    `ready again after ${restartMs.median} ms (median), ${restartMs.longest} ms (longest)`,
  ].join(' ')
}

async function run(dataFolder: string, kills: number, seed: number): Promise<KillReport> {
  writeFileSync(join(dataFolder, 'lab.yaml'), lab)
  const [ledger, random] = [new Ledger(), randomFrom(seed)]
  const oracle = new Oracle(dataFolder, ledger)
  const restarts: number[] = []
  const complaints: string[] = []
  let token = ''
  let lockedKiB = 0
  for (let life = 0; life <= kills; life++) {
    const server = await startServer(dataFolder)
    try {
      if (life === 0) {
        const setUpToken = readFileSync(join(dataFolder, 'setup-token'), 'utf8')
        ;({ token } = await setUpLab(server.url, setUpToken))
        await changePolicy({ url: server.url, token }, freedom)
        lockedKiB = server.lockedKiB()
      } else {
        restarts.push(server.readyMs)
        const locked = server.lockedKiB()
        // A board that is being cleared has memory locked for that.
        if (oracle.look().ending === 0 && locked !== lockedKiB) {
          complaints.push(`${locked} KiB are locked after a restart instead of ${lockedKiB}`)
        }
        if (oracle.complaints.length > 0) break
      }
      if (life === kills) break
      const parts = { url: server.url, token, ledger, random }
      const clients = [workOn('sim0', parts), workOn('sim1', parts), book('sim1', parts)]
      const gone = Promise.allSettled(clients)
      await workDone(ledger, ledger.acknowledged.size + random() * mostOperations)
      await delay(random() * longestLastMs)
      await server.kill()
      await gone
    } finally {
      await server.kill()
    }
  }
  restarts.sort((a, b) => a - b)
  return {
    ...{ kills: restarts.length, seed, ...oracle.figures },
    restartMs: {
      median: restarts[Math.floor(restarts.length / 2)] ?? 0,
      longest: restarts.at(-1) ?? 0,
    },
    complaints: [...oracle.complaints, ...complaints],
  }
}

async function workDone(ledger: Ledger, count: number): Promise<void> {
  const over = AbortSignal.timeout(longestLifeMs)
  while (ledger.acknowledged.size < count && !over.aborted) await delay(1)
}

async function startServer(dataFolder: string) {
  const begun = performance.now()
  const child = spawn(process.execPath, [join(projectRoot, 'scripts', 'serve-built.mjs')], {
    cwd: projectRoot,
    env: {
      ...process.env,
      ...{ PINLAB_PORT: '0', PINLAB_DATA: join(dataFolder), LOG_LEVEL: 'error' },
      PINLAB_CONFIG: join(dataFolder, 'lab.yaml'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit')
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk
      const [, ready] = /^Pinlab is ready at (\S+)$/m.exec(said) ?? []
      if (ready) resolve(ready)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    exit.then(() => reject(new Error(`the server ended: ${said}`)))
  })
  return {
    url,
    readyMs: Math.round(performance.now() - begun),
    lockedKiB() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmLck:\s+(\d+) kB/.exec(status)?.[1])
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
