// One command that passes or fails as a whole, and the line that says so.

import { run } from './child-process.mjs'

/**
 * Resolves with whether it passed. `judge` gets the exit code when the command has ended: undefined is a pass, a text says what is
 * wrong and follows what the command has written, which is shown only then.
 */
export async function runNamed(root, { name, command, environment = {}, judge = byExitCode }) {
  const startedAt = Date.now()
  const chunks = []
  const exitCode = await run(command, {
    root,
    environment,
    onOutput: (chunk) => chunks.push(chunk),
  })
  const wrong = judge(exitCode)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  if (wrong !== undefined) console.log(`${Buffer.concat(chunks)}${wrong}`.trimEnd())
  console.log(`${wrong === undefined ? 'pass' : 'FAIL'}  ${name} (${seconds} s)`)
  return wrong === undefined
}

function byExitCode(exitCode) {
  return exitCode === 0 ? undefined : ''
}
