// One command that passes or fails as a whole, and the line that says so.

import { run } from './child-process.mjs'

/**
 * Resolves with whether it passed. `judge` gets the exit code and what the command has written: undefined is a pass, a
 * text says what is wrong, and only then is shown what was written.
 */
export async function runNamed(root, { name, command, environment = {}, judge = byExitCode }) {
  const startedAt = Date.now()
  const chunks = []
  const exitCode = await run(command, {
    root,
    environment,
    onOutput: (chunk) => chunks.push(chunk),
  })
  const output = Buffer.concat(chunks).toString()
  const wrong = judge(exitCode, output)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  if (wrong !== undefined) console.log(`${output}${wrong}`.trimEnd())
  console.log(`${wrong === undefined ? 'pass' : 'FAIL'}  ${name} (${seconds} s)`)
  return wrong === undefined
}

function byExitCode(exitCode) {
  return exitCode === 0 ? undefined : ''
}
