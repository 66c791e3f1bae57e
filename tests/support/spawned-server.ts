// The built server as a process of its own, for tests and for what measures it outside of them.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../server/project-root.ts'
import { type FirstPerson, setUpLab } from './first-person.ts'

export interface StartOptions {
  dataFolder: string
  env?: NodeJS.ProcessEnv
}

export interface RunningLab {
  url: string
  person: FirstPerson
  process: ChildProcess
  end(): Promise<void>
}

export function spawnServer({ dataFolder, env }: StartOptions): ChildProcess {
  return spawn(process.execPath, [join(projectRoot, 'scripts', 'serve-built.mjs')], {
    cwd: projectRoot,
    env: { ...process.env, PINLAB_PORT: '0', PINLAB_DATA: dataFolder, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The parts of what it prints once that matches. Rejects when it ends first. */
export function saidBy(child: ChildProcess, pattern: RegExp): Promise<string[]> {
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

export async function killServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

export async function readyUrl(child: ChildProcess): Promise<string> {
  const [url = ''] = await saidBy(child, /^Pinlab is ready at (\S+)$/m)
  return url
}

export function setUpTokenOf(dataFolder: string): string {
  return readFileSync(join(dataFolder, 'setup-token'), 'utf8')
}

/** A new lab with its first administrator; whoever asks for it ends it. */
export async function startLab(options: StartOptions): Promise<RunningLab> {
  const child = spawnServer(options)
  const end = () => killServer(child, 'SIGTERM')
  try {
    const url = await readyUrl(child)
    const person = await setUpLab(url, setUpTokenOf(options.dataFolder))
    return { url, person, process: child, end }
  } catch (error) {
    await end()
    throw error
  }
}
