// Runs the build steps whose stamps are out of date, two at a time, and tells what it is doing.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lockBuild } from './build-lock.mjs'
import { buildFolder } from './build-steps.mjs'
import { endChildrenOnSignal, run } from './child-process.mjs'
import { requireBuildTools, requireLinux, requireNpm } from './requirements.mjs'
import { digestsOf, inputFilesOf, isCurrent, readStamps, writeStamp } from './stamps.mjs'

const stepsAtOnce = 2

/** A step that failed, with all it wrote. */
export class StepFailed extends Error {
  constructor({ title, reason, log, output }) {
    super(`${title} failed: ${reason}; what it wrote is in ${log}`)
    this.output = output
  }
}

/** Names of the wanted steps, and of those below them, that would run now; lowest first. */
export function outdatedSteps(root, steps, wanted) {
  return outdated({ root, steps, digests: digestsOf(root, steps, wanted) })
}

function outdated({ root, steps, digests }) {
  const stamps = readStamps(root)
  return Object.keys(digests).filter(
    (name) => !isCurrent(root, steps[name], digests[name], stamps[name]),
  )
}

/**
 * Brings the wanted steps, and those below them, up to date; resolves with the names of those that ran. Throws StepFailed, or
 * RequirementError where the machine lacks something. `say` gets one line at a time.
 */
export async function runSteps({ root, steps, wanted, say }) {
  if (outdatedSteps(root, steps, wanted).length === 0) return []
  requireLinux()
  const stopListening = endChildrenOnSignal()
  const unlock = await lockBuild(root, (pid) =>
    say(`Waiting for another build of this folder (process ${pid}) …`),
  )
  try {
    // Asked again, now that nobody else builds: whoever held the lock may have done it all.
    const digests = digestsOf(root, steps, wanted)
    const names = outdated({ root, steps, digests })
    const toRun = adopt({ root, steps, digests, names })
    return await runInOrder({ root, steps, digests, names: toRun, say })
  } finally {
    unlock()
    stopListening()
  }
}

// Work that somebody did by hand, and that holds up, is not done again.
function adopt({ root, steps, digests, names }) {
  return names.filter((name) => {
    if (!steps[name].alreadyDone?.(root)) return true
    writeStamp(root, name, digests[name])
    return false
  })
}

async function runInOrder({ root, steps, digests, names, say }) {
  const waiting = new Set(names)
  const running = new Map()
  if (names.includes('install')) requireNpm()
  if (names.some((name) => steps[name].compiles)) requireBuildTools()

  const isReady = (name) =>
    steps[name].after.every((below) => !waiting.has(below) && !running.has(below))
  while (waiting.size + running.size > 0) {
    for (const name of waiting) {
      if (running.size === stepsAtOnce) break
      if (!isReady(name)) continue
      waiting.delete(name)
      const step = { name, ...steps[name] }
      const done = runStep({ root, step, digest: digests[name], say })
      running.set(
        name,
        done.then(
          () => ({ name }),
          (error) => ({ name, error }),
        ),
      )
    }
    const { name, error } = await Promise.race(running.values())
    running.delete(name)
    if (!error) continue
    // What runs beside it is let finish: it may be long, and it is wanted the next time.
    for (const other of await Promise.all(running.values())) {
      if (other.error) say(other.error.message)
    }
    throw error
  }
  return names
}

async function runStep({ root, step, digest, say }) {
  const log = `${buildFolder}/logs/${step.name}.log`
  const startedAt = Date.now()
  const chunks = []
  writeStamp(root, step.name, undefined)
  for (const folder of step.clears) rmSync(join(root, folder), { recursive: true, force: true })
  say(`${step.title} …`)
  const exitCode = await run(commandOf(root, step), {
    root,
    environment: step.environment?.() ?? {},
    onOutput: (chunk) => chunks.push(chunk),
  })
  const output = Buffer.concat(chunks).toString()
  mkdirSync(dirname(join(root, log)), { recursive: true })
  writeFileSync(join(root, log), output)

  const missing = step.outputs.find((path) => !existsSync(join(root, path)))
  if (exitCode !== 0 || missing) {
    const reason = exitCode !== 0 ? `exit code ${exitCode}` : `it did not make ${missing}`
    throw new StepFailed({ title: step.title, reason, log, output })
  }
  writeStamp(root, step.name, digest)
  say(`${step.title}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

function commandOf(root, step) {
  const hasInputs = inputFilesOf(root, step).length > 0
  return hasInputs ? step.command : (step.commandWithoutInputs ?? step.command)
}
