// Clean-up writes, however a card comes to its end: read from the trace of what the board was sent.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compiledNative } from '../native/compiled-native.ts'
import type { Bus } from './bus.ts'

export function cleanupSuite(bus: Bus): void {
  describe('clean-up', () => {
    const { barIndex, offset } = bus.scratch
    const register = { barIndex, offset, width: 32 } as const
    const line = (value: number) =>
      `write ${register.barIndex} 0x${register.offset.toString(16)} 32 0x${value.toString(16)}`
    let folder = ''
    const trace = () => join(folder, 'writes')
    const written = () => readFileSync(trace(), 'utf8').trimEnd().split('\n')

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'pinlab-cleanup-'))
    })
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    /** A card in a worker or process of its own that has written 1 and is to write 2 and 3. */
    const opened = () => `
      const { openCard } = await import(${JSON.stringify(compiledNative())})
      const register = ${JSON.stringify(register)}
      const card = await openCard(${bus.config})
      card.traceWrites(${JSON.stringify(trace())})
      card.setCleanup([{ register, value: 2 }, { register, value: 3 }])
      card.writeRegister(register, 1)
    `

    test('[WD_CardCleanupSetup] runs once, in order, when the card is closed', async () => {
      const { card, close } = await bus.open()
      card.traceWrites(trace())
      card.setCleanup([{ register, value: 9 }])
      card.setCleanup([
        { register, value: 2 },
        { register, value: 3n },
      ])
      card.writeRegister(register, 1)
      await close.call({ card } as never)
      await card.close()
      expect(written()).toEqual([line(1), line(2), line(3)])
    })

    test.each([
      ['terminated', 'parentPort.postMessage("open"); setInterval(() => {}, 1000)'],
      ['ended by process.exit', 'process.exit(0)'],
      ['ended by an error', 'throw new Error("end")'],
      ['done', ''],
    ])('runs when its worker is %s', async (_, end) => {
      const worker = new Worker(
        `const { parentPort } = require('node:worker_threads'); (async () => { ${opened()}; ${end} })()`,
        { eval: true },
      )
      worker.on('error', () => {})
      worker.once('message', () => worker.terminate())
      await new Promise((resolve) => worker.once('exit', resolve))
      expect(written()).toEqual([line(1), line(2), line(3)])
    })

    test.each([
      ['process.exit', 'process.exit(7)'],
      ['an uncaught error', 'setTimeout(() => { throw new Error("end") }, 5)'],
      ['the end of its script', ''],
    ])('runs when its process ends by %s', async (_, end) => {
      await runScript(`${opened()}; ${end}`)
      expect(written()).toEqual([line(1), line(2), line(3)])
    })

    test('does not run in a process that is killed: nothing can', async () => {
      await runScript(
        `${opened()}; process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})`,
      )
      expect(written()).toEqual([line(1)])
    })

    test('what cannot be written is refused, and what was set stays', async () => {
      const { card } = await bus.open()
      card.traceWrites(trace())
      card.setCleanup([{ register, value: 2 }])
      const refused = expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' })
      const write = { register, value: 3 }
      for (const writes of [
        Array(4097).fill(write),
        [write, { register: { ...register, barIndex: register.barIndex + 2 ** 32 }, value: 3 }],
        [write, { register: { ...register, width: (32 + 2 ** 32) as 32 }, value: 3 }],
        [write, { register, value: 2 ** 32 }],
      ]) {
        expect(() => card.setCleanup(writes)).toThrow(refused)
      }
      await card.close()
      expect(written()).toEqual([line(2)])
    })

    test('a trace begins once, in a file that can be written', async () => {
      const { card } = await bus.open()
      expect(() => card.traceWrites(join(folder, 'no', 'folder'))).toThrow(
        expect.objectContaining({ statusName: 'WD_SYSTEM_INTERNAL_ERROR', errno: 'ENOENT' }),
      )
      card.traceWrites(trace())
      expect(() => card.traceWrites(trace())).toThrow(
        expect.objectContaining({ statusName: 'WD_OPERATION_ALREADY_DONE' }),
      )
      await card.close()
    })
  })
}

function runScript(script: string): Promise<void> {
  return new Promise((resolve) => {
    const args = ['--input-type=module', '-e', script]
    execFile(process.execPath, args, { timeout: 20_000 }, () => resolve())
  })
}
