// Workers with a card of their own, some of them attached to a lock of ours, that end whenever it may be.

import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { expect } from 'vitest'
import { compiledNative } from '../../native/compiled-native.ts'
import { type Begin, index, Operation, pick } from './operation.ts'
import type { KnownLock, World } from './world.ts'

/** A worker is slow to start, and a run has many other things to try. */
const mostWorkers = 1

/** Tells whether it is attached, and the CPU pages that it has locked besides. */
interface Started {
  isAttached: boolean
  pageCount: number
}

function script({ bus }: World, handle: number): string {
  return `
    const { parentPort } = require('node:worker_threads')
    ;(async () => {
      const { openCard } = await import(${JSON.stringify(compiledNative())})
      const card = await openCard(${bus.otherConfig})
      const isAttached = await card.attachContiguous(${handle}).then(() => true, () => false)
      const own = (lock) => lock.handle === lock.originalHandle
      ${bus.otherConfig === bus.config ? bus.busyScript : 'await card.lockContiguous(50_000)'}
      const pagesOf = ({ byteLength, pages: [first] }) =>
        Math.ceil((Number(first.address % 4096n) + byteLength) / 4096)
      const pageCount = card.locks.filter(own).reduce((sum, lock) => sum + pagesOf(lock), 0)
      parentPort.postMessage({ isAttached, pageCount })
      setInterval(() => {}, 1000)
    })()
  `
}

/** What it may attach to, if there is such a lock. */
const contiguous = (world: World, i: number): KnownLock | undefined =>
  pick(
    world.locks.filter(({ lock, state }) => lock.kind === 'contiguous' && state === 'live'),
    i,
  )

function spawn(world: World, known: KnownLock | undefined): Worker | undefined {
  if (world.workers >= mostWorkers) return undefined
  world.workers++
  return new Worker(script(world, known?.lock.handle ?? 0), { eval: true })
}

/** A transfer goes on and on in it until it is terminated. */
export const startWorker = index.map((i) => {
  const begin: Begin = (world) => {
    const known = contiguous(world, i)
    const worker = spawn(world, known)
    return worker && whenStarted(world, worker, known)
  }
  return new Operation(`startWorker(${i})`, begin)
})

async function whenStarted(world: World, worker: Worker, known: KnownLock | undefined) {
  const attaching = known?.pages ?? []
  world.underWay.add(attaching)
  const pages: string[] = []
  const end = async () => {
    world.endings.delete(end)
    await worker.terminate()
    world.elsewhere.delete(pages)
  }
  world.endings.add(end)
  const { isAttached, pageCount } = await new Promise<Started>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => resolve({ isAttached: false, pageCount: 0 }))
  })
  world.underWay.delete(attaching)
  if (known?.state === 'live' && pageCount > 0) expect(isAttached).toBe(true)
  if (isAttached) pages.push(...attaching)
  for (let page = 0; page < pageCount; page++) pages.push(`${worker.threadId}/${page}`)
  if (world.endings.has(end)) world.elsewhere.add(pages)
}

export const endWorker = index.map((i) => {
  const begin: Begin = (world) => pick([...world.endings], i)?.()
  return new Operation(`endWorker(${i})`, begin)
})

/** Terminated in the middle of starting, opening, attaching or locking. */
export const killWorker = fc.record({ lock: index, afterMs: fc.nat(300) }).map((asked) => {
  const begin: Begin = (world) => {
    const known = contiguous(world, asked.lock)
    const worker = spawn(world, known)
    if (!worker) return undefined
    const attaching = known?.pages ?? []
    world.underWay.add(attaching)
    return delay(asked.afterMs)
      .then(() => worker.terminate())
      .then(() => {
        world.underWay.delete(attaching)
      })
  }
  return new Operation(`killWorker(${JSON.stringify(asked)})`, begin)
})
