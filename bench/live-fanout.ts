// 100 viewers of one 64 KiB bytes view at 60 Hz against a bare ws server, and what one stalled viewer costs the others.

import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchRow } from './bench-row.ts'
import {
  type ClientOrder,
  framesPerSecond,
  type Reception,
  type ServerQuestion,
  viewers,
} from './live-fanout/shape.ts'

const warmUpMs = 400
const measureMs = 1200
/** Many short pairs: what else the machine does then falls on both of a pair, and the median drops the rest. */
const rounds = 8

/** Half of what is sent. Where fewer arrive, the floor's queues grow without end, and the pair says nothing. */
const leastFrames = (viewers * framesPerSecond * measureMs) / 1000 / 2

interface Run extends Reception {
  cpuMicrosecondsPerFrame: number
  /** 167 µs where all 6,000 frames a second arrive; Pinlab skips frames on a busy machine, where the floor queues them. */
  microsecondsPerFrame: number
  memoryMebibytes: number
}

interface Server {
  child: ChildProcess
  url: string
}

/** Against the floor. */
export async function liveFanout(): Promise<BenchRow[]> {
  const taken = await withProcesses(({ floor, pinlab, clients }) =>
    pairs(
      () => measure(floor, clients, false),
      () => measure(pinlab, clients, false),
    ),
  )
  const name = '64 KiB bytes view, 100 viewers, 60 Hz'
  return [
    row(`${name}: server CPU per frame`, taken, (run) => run.cpuMicrosecondsPerFrame, 1.15, 'µs'),
    row(`${name}: time per frame delivered`, taken, (run) => run.microsecondsPerFrame, null, 'µs'),
    row(`${name}: p99 from capture to reception`, taken, (run) => run.p99Ms, 1.25, 'ms'),
  ]
}

/** With and without a viewer that does not read. */
export async function liveStalledViewer(): Promise<BenchRow[]> {
  const taken = await withProcesses(({ pinlab, clients }) =>
    pairs(
      () => measure(pinlab, clients, false),
      () => measure(pinlab, clients, true),
    ),
  )
  const name = 'one stalled viewer among 100'
  return [
    row(`${name}: p99 of the others`, taken, (run) => run.p99Ms, 1.1, 'ms'),
    row(`${name}: server memory`, taken, (run) => run.memoryMebibytes, 1.1, 'MiB'),
  ]
}

interface Processes {
  floor: Server
  pinlab: Server
  clients: ChildProcess
}

async function withProcesses<T>(use: (processes: Processes) => Promise<T>): Promise<T> {
  const children = [
    start('floor-server.js', ['--expose-gc']),
    start('pinlab-server.js', ['--expose-gc']),
    start('clients.js'),
  ] as const
  const [floor, pinlab, clients] = children
  try {
    const [floorServer, pinlabServer] = await Promise.all([
      serverOf(floor, '/'),
      serverOf(pinlab, '/api/v1/live'),
    ])
    return await use({ floor: floorServer, pinlab: pinlabServer, clients })
  } finally {
    for (const child of children) child.kill()
  }
}

type Pair = readonly [floor: Run, measured: Run]

/** Interleaved, and each first as often as second; only pairs in which both got through. */
async function pairs(floor: () => Promise<Run>, measured: () => Promise<Run>): Promise<Pair[]> {
  const taken: Pair[] = []
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) taken.push([await floor(), await measured()])
    else {
      const run = await measured()
      taken.push([await floor(), run])
    }
  }
  const fair = taken.filter((pair) => pair.every(({ frames }) => frames >= leastFrames))
  if (fair.length === 0) {
    throw new Error('The machine is too busy to measure the live fan-out: few frames arrive.')
  }
  return fair
}

async function measure(
  { child, url }: Server,
  clients: ChildProcess,
  withStalled: boolean,
): Promise<Run> {
  await ask(clients, { url, withStalled } satisfies ClientOrder)
  await sleep(warmUpMs)
  clients.send('start')
  const cpuBefore = await ask<number>(child, 'cpu' satisfies ServerQuestion)
  await sleep(measureMs)
  const cpu = (await ask<number>(child, 'cpu' satisfies ServerQuestion)) - cpuBefore
  const reception: Reception = await ask(clients, 'stop')
  const memory = await ask<number>(child, 'memory' satisfies ServerQuestion)
  await ask(clients, 'leave')
  return {
    ...reception,
    cpuMicrosecondsPerFrame: cpu / reception.frames,
    microsecondsPerFrame: (measureMs * 1000) / reception.frames,
    memoryMebibytes: memory / 2 ** 20,
  }
}

function row(
  name: string,
  taken: Pair[],
  pick: (run: Run) => number,
  budget: number | null,
  unit: string,
): BenchRow {
  return {
    name,
    floor: median(taken.map(([floor]) => pick(floor))),
    measured: median(taken.map(([, measured]) => pick(measured))),
    ratio: median(taken.map(([floor, measured]) => pick(measured) / pick(floor))),
    budget,
    unit,
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

function start(file: string, execArgv: string[] = []): ChildProcess {
  return fork(new URL(`./live-fanout/${file}`, import.meta.url), { execArgv })
}

async function serverOf(child: ChildProcess, path: string): Promise<Server> {
  return { child, url: `ws://127.0.0.1:${await answerOf<number>(child)}${path}` }
}

function ask<Answer>(child: ChildProcess, question: unknown): Promise<Answer> {
  const answer = answerOf<Answer>(child)
  child.send(question as object)
  return answer
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a benchmark process ended: ${code}`))
    child.once('exit', onExit)
    child.once('message', (answer) => {
      child.off('exit', onExit)
      resolve(answer as Answer)
    })
  })
}
