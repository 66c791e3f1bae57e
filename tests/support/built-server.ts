// The built server as a process of its own, as people run it.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { callApi } from './call-api.ts'
import { type FirstPerson, setUpLab } from './first-person.ts'
import {
  killServer,
  readyUrl,
  type StartOptions,
  saidBy,
  setUpTokenOf,
  spawnServer,
} from './spawned-server.ts'

export interface BuiltServer {
  url: string
  process: ChildProcess
  person: FirstPerson
  /** VmLck of the process, KiB. */
  lockedKiB(): number
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  api<T>(path: string, body?: object): Promise<T>
}

function spawnForTest(options: StartOptions): ChildProcess {
  const child = spawnServer(options)
  onTestFinished(() => killServer(child, 'SIGKILL'))
  return child
}

/** By data folder: a server that starts again knows them. */
const firstPeople = new Map<string, FirstPerson>()

async function firstPersonOf(url: string, dataFolder: string): Promise<FirstPerson> {
  const person = firstPeople.get(dataFolder) ?? (await setUpLab(url, setUpTokenOf(dataFolder)))
  firstPeople.set(dataFolder, person)
  return person
}

/** A new lab as its keeper finds it: nobody can sign in yet, and the console shows the link. */
export async function startNewLab(
  options: StartOptions,
): Promise<{ url: string; setUpLink: string }> {
  const child = spawnForTest(options)
  const [url = '', setUpLink = ''] = await saidBy(
    child,
    /^Pinlab is ready at (\S+)\n.*: (\S+\/setup#\S+)$/m,
  )
  return { url, setUpLink }
}

/** Starts, waits for the line that says it is ready, and makes the first administrator of a new lab. */
export async function startBuiltServer(options: StartOptions): Promise<BuiltServer> {
  const child = spawnForTest(options)
  const url = await readyUrl(child)
  const person = await firstPersonOf(url, options.dataFolder)
  return {
    url,
    process: child,
    person,
    lockedKiB() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmLck:\s+(\d+) kB/.exec(status)?.[1])
    },
    kill: (signal) => killServer(child, signal),
    api: (path, body) => callApi({ url, token: person.token }, path, body),
  }
}

/** Starts where the start must fail: what it said and its exit code. */
export async function failToStart(options: StartOptions): Promise<{ code: number; said: string }> {
  const child = spawnForTest(options)
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const [code] = (await once(child, 'exit')) as [number]
  return { code, said: said.trim() }
}
