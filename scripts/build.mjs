// Brings the build up to date and explains a failure. By itself (`npm run build`) it does just that.

import './node-version.mjs'
import { fileURLToPath } from 'node:url'
import { product, steps } from './build-steps.mjs'
import { RequirementError } from './requirements.mjs'
import { runSteps, StepFailed } from './run-steps.mjs'

/** The repository's folder, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** Resolves with the names of the steps that ran, or with undefined after saying what failed. */
export async function build(wanted = product) {
  try {
    return await runSteps({ root, steps, wanted, say: (line) => console.log(line) })
  } catch (error) {
    if (error instanceof StepFailed) process.stderr.write(`${error.output.trimEnd()}\n\n`)
    else if (!(error instanceof RequirementError)) throw error
    console.error(error.message)
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const ran = await build()
  if (ran === undefined) process.exit(1)
  if (ran.length === 0) console.log('Everything is up to date')
}
