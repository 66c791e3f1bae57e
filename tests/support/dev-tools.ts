// What Node.js and Chromium both answer over their debugging protocol.

import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'

export interface DevTools {
  send(method: string): Promise<unknown>
}

interface HeapUsage {
  usedSize: number
  embedderHeapUsedSize?: number
  backingStorageSize?: number
}

/** Bytes that live objects hold, and their array buffers, after all others were collected. */
export async function heapInUse(devTools: DevTools): Promise<number> {
  await devTools.send('HeapProfiler.collectGarbage')
  const heap = (await devTools.send('Runtime.getHeapUsage')) as HeapUsage
  return heap.usedSize + (heap.embedderHeapUsedSize ?? 0) + (heap.backingStorageSize ?? 0)
}

/** Of a page in Chromium. */
export async function devToolsOf(page: Page): Promise<DevTools> {
  const session = await page.context().newCDPSession(page)
  return { send: (method) => session.send(method as never) }
}

/** Of a process that listens at this address. It does not end before this is closed. */
export async function openDevTools(url: string): Promise<DevTools & { close(): void }> {
  const socket = new WebSocket(url)
  const waiting = new Map<number, (result: unknown) => void>()
  let count = 0
  socket.on('message', (data) => {
    const { id, result } = JSON.parse(data.toString())
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return {
    send: (method) =>
      new Promise((resolve) => {
        count += 1
        waiting.set(count, resolve)
        socket.send(JSON.stringify({ id: count, method }))
      }),
    close: () => socket.close(),
  }
}
