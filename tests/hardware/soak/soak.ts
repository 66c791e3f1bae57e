// Kills drivers in mid-transfer in the guest, while frames come from outside, and tells what came of it.

import { setTimeout as delay } from 'node:timers/promises'
import { build } from 'vite'
import { projectRoot } from '../../../server/project-root.ts'
import { numberedFrame } from '../frames.ts'
import { bootGuest, type Guest } from '../guest/guest.ts'
import { complaints, describeReport, type SoakReport } from './report.ts'

const folder = 'tests/hardware/soak'
const bundled = 'dist/soak'
/** A kill takes about two seconds; a busy machine many times that. */
const killTimeoutMs = 60_000
const frameByteLength = 600

/** `kills` for each board. Boots a guest of its own. */
export async function soak(kills: number): Promise<SoakReport> {
  await bundle()
  const guest = await bootGuest()
  const frames = sendFrames(guest)
  try {
    const { exitCode, output } = await guest.run(`node ${bundled}/kill-owners.js ${kills}`, {
      timeoutMs: (kills + 2) * killTimeoutMs,
    })
    if (exitCode !== 0) throw new Error(`the soak broke off: ${output}`)
    return JSON.parse(output.toString().trimEnd().split('\n').at(-1) ?? '')
  } finally {
    await frames.stop()
    await guest.end()
  }
}

/** What `npm run soak` does. Resolves with the exit code. */
export async function runSoak(kills: number): Promise<number> {
  const report = await soak(kills)
  console.log(describeReport(report))
  const found = complaints(report)
  for (const complaint of found) console.error(complaint)
  return found.length === 0 ? 0 : 1
}

/** The guest's Node.js reads no TypeScript. */
async function bundle(): Promise<void> {
  const input = ['kill-owners', 'owner'].map((name) => [name, `${folder}/${name}.ts`])
  await build({
    root: projectRoot,
    configFile: `${projectRoot}/vite.server.config.ts`,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir: bundled,
      sourcemap: false,
      rolldownOptions: {
        input: Object.fromEntries(input),
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}

/** For the network card to have something to write at any moment. */
function sendFrames(guest: Guest): { stop(): Promise<void> } {
  let stopped = false
  const payload = new Uint8Array(frameByteLength).fill(0x77)
  const sending = (async () => {
    for (let number = 0; !stopped; number++) {
      await guest.sendFrame(numberedFrame(number, payload))
      await delay(2)
    }
  })()
  return {
    stop() {
      stopped = true
      return sending
    },
  }
}
