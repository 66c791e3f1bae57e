// The built server as a process of its own, as people run it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { projectRoot } from '../../server/project-root.ts'
import { callApi } from './call-api.ts'
import { type FirstPerson, setUpLab } from './first-person.ts'

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

export interface StartOptions {
  dataFolder: string
  env?: NodeJS.ProcessEnv
}

function spawnServer({ dataFolder, env }: StartOptions): ChildProcess {
  const child = spawn(process.execPath, [join(projectRoot, 'scripts', 'serve-built.mjs')], {
    cwd: projectRoot,
    env: { ...process.env, PINLAB_PORT: '0', PINLAB_DATA: dataFolder, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

/** By data folder: a server that starts again knows them. */
const firstPeople = new Map<string, FirstPerson>()

async function firstPersonOf(url: string, dataFolder: string): Promise<FirstPerson> {
  const file = join(dataFolder, 'setup-token')
  const person = firstPeople.get(dataFolder) ?? (await setUpLab(url, readFileSync(file, 'utf8')))
  firstPeople.set(dataFolder, person)
  return person
}

/** A new lab as its keeper finds it: nobody can sign in yet, and the console shows the link. */
export async function startNewLab(
  options: StartOptions,
): Promise<{ url: string; setUpLink: string }> {
  const child = spawnServer(options)
  const [url = '', setUpLink = ''] = await saidBy(
    child,
    /^Pinlab is ready at (\S+)\n.*: (\S+\/setup#\S+)$/m,
  )
  return { url, setUpLink }
}

/** Starts, waits for the line that says it is ready, and makes the first administrator of a new lab. */
export async function startBuiltServer(options: StartOptions): Promise<BuiltServer> {
  const child = spawnServer(options)
  const [url = ''] = await saidBy(child, /^Pinlab is ready at (\S+)$/m)
  const person = await firstPersonOf(url, options.dataFolder)
  return {
    url,
    process: child,
    person,
    lockedKiB() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmLck:\s+(\d+) kB/.exec(status)?.[1])
    },
    async kill(signal) {
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
    api: (path, body) => callApi({ url, token: person.token }, path, body),
  }
}

/** Starts where the start must fail: what it said and its exit code. */
export async function failToStart(options: StartOptions): Promise<{ code: number; said: string }> {
  const child = spawnServer(options)
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const [code] = (await once(child, 'exit')) as [number]
  return { code, said: said.trim() }
}

/** The parts of what it prints once that matches. */
function saidBy(child: ChildProcess, pattern: RegExp): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk
      const found = pattern.exec(said)
      if (found) resolve(found.slice(1))
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
}
