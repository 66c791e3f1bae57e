// A script with the native layer in a process of its own, as another user or under other limits.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { DmaError } from '../../native/index.ts'
import { compiledNative } from './compiled-native.ts'

export interface ProcessOptions {
  /** User and group of the process, without capabilities; else it is this one's. */
  userId?: number
  /** RLIMIT_MEMLOCK; whole KiB. */
  memlockByteLength?: number
}

export interface ScriptOutcome {
  /** The fields of what was refused. */
  refused: Partial<DmaError> | null
  /** What the script set `answer` to. */
  answer: unknown
}

const timeoutMs = 20_000

/** Runs a script that has `openCard`, `allocatePages` and `answer`. Rejects when it throws anything but a DmaError. */
export async function inProcess(
  script: string,
  { userId, memlockByteLength }: ProcessOptions = {},
): Promise<ScriptOutcome> {
  const source = `
    const { openCard, allocatePages, DmaError } = await import(${JSON.stringify(compiledNative())})
    let answer = null
    let refused = null
    try {
      ${script}
    } catch (error) {
      if (!(error instanceof DmaError)) throw error
      refused = { ...error, message: error.message }
    }
    console.log(JSON.stringify({ refused, answer }))`
  const limit = memlockByteLength === undefined ? '' : `ulimit -l ${memlockByteLength / 1024}; `
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', `${limit}exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', source],
    { timeout: timeoutMs, ...(userId !== undefined && { uid: userId, gid: userId }) },
  )
  return JSON.parse(stdout)
}
