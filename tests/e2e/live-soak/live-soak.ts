// A Bench that streams for a long time: neither the page's heap nor the server's may grow by it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { changePolicy } from '../../support/change-policy.ts'
import { type DevTools, devToolsOf, heapInUse, openDevTools } from '../../support/dev-tools.ts'
import { launchChromium } from '../../support/launched-browser.ts'
import { requireChromium } from '../../support/requirements.ts'
import { takeSeenFrames, watchFrames } from '../../support/seen-frames.ts'
import { type RunningLab, saidBy, startLab } from '../../support/spawned-server.ts'
import { goToBench, streamAdc } from '../../support/streaming-bench.ts'
import { type Growth, growthOf } from './growth.ts'

const framesPerSecond = 1_000_000
const samples = 30
/** The first pictures fill caches and have code compiled. */
const warmUpMs = 5000
/** A lease does not last longer. */
const mostMinutes = 8 * 60
const MiB = 1024 * 1024

export interface SoakReport {
  minutes: number
  page: Growth
  server: Growth
  framesPainted: number
  complaints: string[]
}

/** What `npm run soak -- live` does. Resolves with the exit code. */
export async function runSoak(minutes: number): Promise<number> {
  const chromium = requireChromium()
  if (!chromium) return 1
  if (minutes >= mostMinutes) {
    console.error(`A lease lasts ${mostMinutes} minutes at most: say fewer`)
    return 2
  }
  const report = await streamFor(minutes, chromium)
  console.log(describeReport(report))
  for (const complaint of report.complaints) console.error(complaint)
  return report.complaints.length === 0 ? 0 : 1
}

export async function streamFor(minutes: number, chromium: string): Promise<SoakReport> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pinlab-soak-'))
  // SIGUSR1 opens the debugging port, any free one.
  const env = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' }
  const browser = await launchChromium(chromium)
  const lab = await startLab({ dataFolder, env })
  try {
    await changePolicy({ url: lab.url, token: lab.person.token }, wholeDay)
    await streamAdc(lab, framesPerSecond)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    await watchFrames(context)
    const page = await context.newPage()
    await goToBench(page, lab)
    const ofServer = await openInspector(lab)
    try {
      return await watch(minutes, { page, ofPage: await devToolsOf(page), ofServer })
    } finally {
      ofServer.close()
    }
  } finally {
    await browser.close()
    await lab.end()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

const wholeDay = { defaultMinutes: mostMinutes, longestMinutes: mostMinutes, weeklyHours: 168 }

async function openInspector({ process }: RunningLab) {
  const listening = saidBy(process, /Debugger listening on (\S+)/)
  process.kill('SIGUSR1')
  const [address = ''] = await listening
  return openDevTools(address)
}

async function watch(
  minutes: number,
  { page, ofPage, ofServer }: { page: Page; ofPage: DevTools; ofServer: DevTools },
): Promise<SoakReport> {
  const pageHeap: number[] = []
  const serverHeap: number[] = []
  const complaints: string[] = []
  let framesPainted = 0
  await page.waitForTimeout(warmUpMs)
  for (let sample = 0; sample < samples; sample++) {
    await takeSeenFrames(page)
    await page.waitForTimeout((minutes * 60_000) / samples)
    const painted = (await takeSeenFrames(page)).filter(
      ({ paintedAt }) => paintedAt !== null,
    ).length
    framesPainted += painted
    if (painted === 0) complaints.push(`no picture was painted before sample ${sample}`)
    pageHeap.push(await heapInUse(ofPage))
    serverHeap.push(await heapInUse(ofServer))
  }
  const growth = { page: growthOf(pageHeap), server: growthOf(serverHeap) }
  for (const [name, heap] of Object.entries(growth)) {
    if (heap.isTooMuch) complaints.push(`the heap of the ${name} grew: ${inWords(heap)}`)
  }
  return { minutes, ...growth, framesPainted, complaints }
}

export function describeReport({ minutes, page, server, framesPainted }: SoakReport): string {
  return `${minutes} min, ${framesPainted} pictures; heap of the page ${inWords(page)}, of the server ${inWords(server)}`
}

const inWords = ({ first, last }: Growth) =>
  `${(first / MiB).toFixed(1)} to ${(last / MiB).toFixed(1)} MiB`
