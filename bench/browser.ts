// The Bench in headless Chromium while the ADC streams: pictures painted, their age, the heap, and what the first screen weighs.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { devToolsOf, heapInUse } from '../tests/support/dev-tools.ts'
import { launchChromium } from '../tests/support/launched-browser.ts'
import { requireChromium } from '../tests/support/requirements.ts'
import { takeSeenFrames, watchFrames } from '../tests/support/seen-frames.ts'
import { startLab } from '../tests/support/spawned-server.ts'
import { goToBench, type StreamingLab, streamAdc } from '../tests/support/streaming-bench.ts'
import { type BenchRow, median } from './bench-row.ts'
import { drawBarePage } from './browser/bare-page.ts'
import { scriptBytes } from './browser/first-screen.ts'

/** So wide that the wave has more than 1,024 pixels, and columns. */
const viewport = { width: 1920, height: 1080 }
const channels = 2
const columns = 2048
const framesPerSecond = 1_000_000
const pairs = 5
const measureMs = 2000
const warmUpMs = 1000
const heapMs = 10_000
const waveKind = 2
const MiB = 1024 * 1024

interface PaintedFrame {
  byteLength: number
  capturedAt: number
  paintedAt: number
}

export async function browser(): Promise<BenchRow[]> {
  const path = requireChromium()
  if (!path) return []
  const dataFolder = mkdtempSync(join(tmpdir(), 'pinlab-browser-'))
  const chromium = await launchChromium(path)
  const lab = await startLab({ dataFolder })
  try {
    await streamAdc(lab, framesPerSecond)
    return [...(await wave(chromium, lab)), ...(await firstScreen(chromium, lab))]
  } finally {
    await chromium.close()
    await lab.end()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function wave(chromium: Browser, lab: StreamingLab): Promise<BenchRow[]> {
  const context = await chromium.newContext({ viewport })
  await watchFrames(context)
  const page = await context.newPage()
  await goToBench(page, lab)
  const size = await canvasSize(page)
  const taken: { floor: number; painted: number; age: number }[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const floor = p95(await drawBarePage(page, { channels, columns, ...size }, measureMs))
    await goToBench(page, lab)
    const frames = await paintedIn(page, measureMs)
    const ages = frames.map(({ paintedAt, capturedAt }) => paintedAt - capturedAt)
    taken.push({ floor, painted: p95(intervals(frames)), age: p95(ages) })
  }
  const name = `wave of ${channels} × ${columns} columns in Chromium`
  const rows: BenchRow[] = [
    {
      ...{ name: `${name}: p95 between pictures`, unit: 'ms', budget: 1.25 },
      floor: median(taken.map(({ floor }) => floor)),
      measured: median(taken.map(({ painted }) => painted)),
      ratio: median(taken.map(({ floor, painted }) => painted / floor)),
    },
    {
      ...{ name: `${name}: p95 from capture to pixel`, unit: 'ms', budget: 100 },
      ...{ floor: null, measured: median(taken.map(({ age }) => age)), ratio: null },
    },
    await heapGrowth(page, name),
  ]
  await context.close()
  return rows
}

async function paintedIn(page: Page, ms: number): Promise<PaintedFrame[]> {
  await page.waitForTimeout(warmUpMs)
  await takeSeenFrames(page)
  await page.waitForTimeout(ms)
  const frames: PaintedFrame[] = []
  for (const { kind, paintedAt, ...frame } of await takeSeenFrames(page)) {
    if (kind === waveKind && paintedAt !== null) frames.push({ ...frame, paintedAt })
  }
  const shown = (frames[0]?.byteLength ?? 0) - 48
  if (shown !== channels * columns * 16) {
    throw new Error(`the wave has ${shown / channels / 16} columns instead of ${columns}`)
  }
  return frames
}

async function canvasSize(page: Page): Promise<{ width: number; height: number }> {
  const box = await page
    .getByRole('region', { name: 'Wave' })
    .locator('canvas')
    .first()
    .boundingBox()
  if (!box) throw new Error('the wave has no canvas')
  return { width: Math.round(box.width), height: Math.round(box.height) }
}

async function heapGrowth(page: Page, name: string): Promise<BenchRow> {
  const devTools = await devToolsOf(page)
  // What is kept to measure with is not the page's.
  await takeSeenFrames(page)
  const before = await heapInUse(devTools)
  await page.waitForTimeout(heapMs)
  await takeSeenFrames(page)
  const after = await heapInUse(devTools)
  return {
    ...{ name: `${name}: heap after ${heapMs / 1000} s, before`, unit: 'MiB', budget: null },
    ...{ floor: before / MiB, measured: after / MiB, ratio: after / before },
  }
}

async function firstScreen(chromium: Browser, lab: StreamingLab): Promise<BenchRow[]> {
  const row = (screen: string, byteLength: number): BenchRow => ({
    ...{ name: `JavaScript for the first screen, ${screen}`, unit: 'KiB', budget: 120 },
    ...{ floor: null, measured: byteLength / 1024, ratio: null },
  })
  return [
    row('signing in', await scriptBytes(chromium, lab, { isSignedIn: false })),
    row('the lab', await scriptBytes(chromium, lab, { isSignedIn: true })),
  ]
}

function intervals(frames: readonly PaintedFrame[]): number[] {
  return frames.slice(1).map(({ paintedAt }, index) => paintedAt - (frames[index]?.paintedAt ?? 0))
}

function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN
}
