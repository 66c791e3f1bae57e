// How a property is run: how often, and how a failure is told so that it can be played again.

import fc from 'fast-check'

/** What a failing run prints, given back: {"seed":…,"path":"…","replayPath":"…"}. */
const replay: { seed?: number; path?: string; replayPath?: string } = JSON.parse(
  process.env.PINLAB_REPLAY ?? '{}',
)
/** So many times the runs that a test takes by itself. */
const factor = Number(process.env.PINLAB_RUNS ?? 1)

/** For `fc.commands`: which of the commands of a failing run were carried out. */
export const replayed = replay.replayPath ? { replayPath: replay.replayPath } : {}

/** Of a test with properties, ms: a failure must have the time to be made smaller, and be told. */
export const propertyTimeoutMs = factor * 240_000

/** A run that hangs, or takes longer than `runMs`, has failed; a search for a smaller counterexample ends in any case. */
export async function holds<T extends unknown[]>(
  property: fc.IAsyncProperty<T>,
  numRuns: number,
  runMs = 20_000,
): Promise<void> {
  const { seed, path } = replay
  const details = await fc.check(property, {
    timeout: runMs,
    numRuns: Math.ceil(numRuns * factor),
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    interruptAfterTimeLimit: factor * 180_000,
    markInterruptAsFailure: true,
  })
  if (!details.failed) return
  throw new Error(`${fc.defaultReportMessage(details)}\n\nAgain: ${howToReplay(details)}`, {
    cause: details.errorInstance,
  })
}

function howToReplay<T extends unknown[]>(details: fc.RunDetails<T>): string {
  const { seed, counterexamplePath: path, counterexample } = details
  const told = counterexample?.map((value) => fc.stringify(value)).join() ?? ''
  const commands = /replayPath="([^"]*)"/.exec(told)?.[1]
  const values = { seed, path, ...(commands ? { replayPath: commands } : {}) }
  return `PINLAB_REPLAY='${JSON.stringify(values)}' npm test -- <this file> -t '<this test>'`
}
