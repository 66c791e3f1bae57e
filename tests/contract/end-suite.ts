// How things end: close, collection, workers, processes.

import { execFile } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { allocatePages, hostLimits } from '../../native/index.ts'
import { compiledNative } from '../native/compiled-native.ts'
import type { Bus } from './bus.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Runs a script as a process of its own; answers how it ended. */
function run(
  script: string,
): Promise<{ code: number | string | null; signal: string | null; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      { timeout: 20_000 },
      (error, stdout, stderr) => {
        const code = error ? (error.code ?? null) : 0
        resolve({ code, signal: child.signalCode, out: stdout + stderr })
      },
    )
  })
}

/** A board in a process or worker of its own, with a transfer that goes on and on. */
function busyBoard(bus: Bus): string {
  return `
    const { openCard } = await import(${JSON.stringify(compiledNative())})
    const card = await openCard(${bus.config})
    ${bus.busyScript}
  `
}

export function endSuite(bus: Bus): void {
  describe('end', () => {
    test('[WD_CardUnregister] close unlocks what is left, held or not, and refuses what comes after', async () => {
      const before = hostLimits().lockedByteLength
      const { card } = await bus.open()
      const bytes = allocatePages(64 * 1024)
      const scatterGather = await card.lockScatterGather(bytes)
      const contiguous = await card.lockContiguous(64 * 1024)
      scatterGather.hold('c2h0')
      await Promise.all([card.close(), card.close()])
      expect(card.isOpen).toBe(false)
      expect(card.locks).toEqual([])
      expect([scatterGather.isLocked, contiguous.isLocked]).toEqual([false, false])
      expect(bytes.byteLength).toBe(64 * 1024)
      expect(contiguous.userBytes.byteLength).toBe(0)
      expect(hostLimits().lockedByteLength).toBe(before)
      const ended = { statusName: 'WD_INVALID_HANDLE' }
      await expect(card.lockContiguous(4096)).rejects.toMatchObject(ended)
      await expect(card.lockScatterGather(bytes)).rejects.toMatchObject(ended)
      await expect(card.reset()).rejects.toMatchObject(ended)
      expect(() => card.readRegister({ barIndex: 0, offset: 0, width: 32 })).toThrow(
        expect.objectContaining(ended),
      )
      await expect(contiguous.unlock()).rejects.toMatchObject({
        statusName: 'WD_OPERATION_ALREADY_DONE',
      })
    })

    test('locks that are under way when the card is closed leave nothing behind', async () => {
      const before = hostLimits().lockedByteLength
      const { card } = await bus.open()
      const under = Array.from({ length: 16 }, () => card.lockContiguous(1 << 20))
      const closing = card.close()
      const outcomes = await Promise.allSettled(under)
      await closing
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') expect(outcome.value.isLocked).toBe(false)
        else expect(outcome.reason).toMatchObject({ statusName: 'WD_INVALID_HANDLE' })
      }
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test('collection never unlocks', async () => {
      const before = hostLimits().lockedByteLength
      const board = await bus.open()
      const own = hostLimits().lockedByteLength
      await board.card.lockContiguous(1 << 20)
      await board.card.lockScatterGather(new Uint8Array(1 << 20))
      for (let i = 0; i < 5; i++) {
        collect()
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(hostLimits().lockedByteLength - own).toBeGreaterThanOrEqual(2 << 20)
      expect(board.card.locks.length).toBeGreaterThanOrEqual(2)
      await board.close()
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test('a worker that is terminated in mid-transfer leaves nothing behind', async () => {
      const before = hostLimits().lockedByteLength
      for (let round = 0; round < 4; round++) {
        const worker = new Worker(
          `(async () => { ${busyBoard(bus)}
            require('node:worker_threads').parentPort.postMessage('running'); setInterval(() => {}, 1000) })()`,
          { eval: true },
        )
        const running = await new Promise((resolve, reject) => {
          worker.once('message', resolve)
          worker.once('error', reject)
        })
        expect(running).toBe('running')
        expect(hostLimits().lockedByteLength).toBeGreaterThan(before)
        await worker.terminate()
        expect(hostLimits().lockedByteLength).toBe(before)
      }
    })

    test('a worker may be terminated while it opens and locks', async () => {
      const before = hostLimits().lockedByteLength
      for (let round = 0; round < 8; round++) {
        const worker = new Worker(
          `(async () => { for (;;) { ${busyBoard(bus)}; await card.close() } })()`,
          { eval: true },
        )
        await new Promise((resolve) => setTimeout(resolve, 20 * round))
        await worker.terminate()
      }
      expect(hostLimits().lockedByteLength).toBe(before)
    })

    test.each([
      ['process.exit', 'process.exit(7)', 7, null],
      ['an uncaught error', 'setTimeout(() => { throw new Error("end") }, 5)', 1, null],
      [
        'SIGTERM',
        'process.kill(process.pid, "SIGTERM"); await new Promise(() => {})',
        null,
        'SIGTERM',
      ],
      [
        'SIGKILL',
        'process.kill(process.pid, "SIGKILL"); await new Promise(() => {})',
        null,
        'SIGKILL',
      ],
    ])('%s in mid-transfer ends the process as it should', async (_, end, code, signal) => {
      const ended = await run(`${busyBoard(bus)}; ${end}`)
      expect(ended).toMatchObject({ code, signal })
    })

    test('an open card with a running transfer does not keep the process', async () => {
      const ended = await run(`${busyBoard(bus)}; console.log('end of script')`)
      expect(ended).toMatchObject({ code: 0, out: 'end of script\n' })
    })

    test('a promise that is refused settles, and what was refused names itself', async () => {
      const script = `${busyBoard(bus)}
        await card.lockContiguous(0).catch((error) => console.log(error.name, error.operation))`
      expect(await run(script)).toMatchObject({ code: 0, out: 'DmaError lockContiguous\n' })
    })

    test('a pending lock does keep it', async () => {
      const script = `${busyBoard(bus)}
        card.lockContiguous(32 << 20).then(lock => console.log('locked', lock.byteLength))`
      expect(await run(script)).toMatchObject({ code: 0, out: `locked ${32 << 20}\n` })
    })

    test('functions refuse a wrong this and wrong arguments', async () => {
      const { card, close } = await bus.open()
      const read = card.readRegister as (...args: unknown[]) => unknown
      expect(() => read.call({}, { barIndex: 0, offset: 0, width: 32 })).toThrow(TypeError)
      expect(() => read.call(card, { barIndex: '0', offset: 0, width: 32 })).toThrow(TypeError)
      const lock = await card.lockContiguous(4096)
      const unlock = lock.unlock as (...args: unknown[]) => unknown
      await expect(unlock.call({})).rejects.toThrow(TypeError)
      expect(lock.isLocked).toBe(true)
      await close.call({ card } as never)
    })
  })
}
