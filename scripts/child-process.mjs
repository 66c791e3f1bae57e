// Child processes in groups of their own, so that a Ctrl-C ends them with everything they started.

import { spawn } from 'node:child_process'

const running = new Set()
const graceMs = 3000
let ending = false

/**
 * Runs a command to its end. Resolves with its exit code, or 128 + the signal's usual number where a signal ended it (127 where
 * it could not be started). `onOutput` gets what it writes, both streams in order; without it, the output goes to the terminal.
 */
export function run(command, { root, environment = {}, onOutput }) {
  const [program, ...parameters] = command
  const child = spawn(program === 'node' ? process.execPath : program, parameters, {
    cwd: root,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', onOutput ? 'pipe' : 'inherit', onOutput ? 'pipe' : 'inherit'],
  })
  running.add(child)
  child.stdout?.on('data', onOutput)
  child.stderr?.on('data', onOutput)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      running.delete(child)
      onOutput?.(Buffer.from(`${error.message}\n`))
      resolve(127)
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      // When all is being ended, nobody should take it for a failure of the command.
      if (!ending) resolve(code ?? (signal === 'SIGKILL' ? 137 : 143))
    })
  })
}

/** Starts a command that stays; its output goes to the terminal. The result stops it and resolves when it has ended. */
export function startStaying(command, { root, environment = {} }) {
  const ended = run(command, { root, environment })
  const child = [...running].at(-1)
  return {
    ended,
    async stop() {
      endGroup(child)
      await ended
    },
  }
}

function endGroup(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  signalGroup(child, 'SIGTERM')
  setTimeout(() => running.has(child) && signalGroup(child, 'SIGKILL'), graceMs).unref()
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Until the returned function is called, a signal that asks this process to end first ends its children. */
export function endChildrenOnSignal() {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }
  const onSignal = async (signal) => {
    ending = true
    const children = [...running]
    const closed = children.map((child) => new Promise((resolve) => child.on('close', resolve)))
    for (const child of children) endGroup(child)
    await Promise.all(closed)
    process.exit(128 + numbers[signal])
  }
  for (const signal of Object.keys(numbers)) process.on(signal, onSignal)
  return () => {
    for (const signal of Object.keys(numbers)) process.off(signal, onSignal)
  }
}
