// Workers that use a board and end in any way leave nothing behind, however many there are.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { compiledNative } from './compiled-native.ts'

interface Held {
  lockedKiB: number
  anonymousKiB: number
  threads: number
  files: number
}

const isSanitized = process.env.PINLAB_SANITIZED === '1'
const cycles = isSanitized ? 60 : 1000
const lockKiB = 256
/** If one lock of each worker stayed, it would be eight times as much. */
const leakKiB = (cycles * lockKiB) / 8
const timeoutMs = 240_000

test(
  `${cycles} workers that are terminated, exit or close leave nothing behind`,
  async () => {
    const script = fileURLToPath(new URL('./worker-cycles/process.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, compiledNative(), String(cycles), String(lockKiB * 1024)],
      // Boards that nobody stops would keep it, and the processors, busy.
      { timeout: timeoutMs, killSignal: 'SIGKILL' },
    )
    const { before, after } = JSON.parse(stdout) as { before: Held; after: Held }
    const { anonymousKiB, ...others } = after
    const { anonymousKiB: anonymousBefore, ...othersBefore } = before
    expect(others).toEqual(othersBefore)
    expect(others.lockedKiB).toBe(0)
    // AddressSanitizer keeps for a while what has been freed, to recognise its use.
    if (!isSanitized) expect(anonymousKiB - anonymousBefore).toBeLessThan(leakKiB)
  },
  timeoutMs + 10_000,
)
