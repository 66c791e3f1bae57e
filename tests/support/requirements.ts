// What a suite needs from the machine. Locally a suite that cannot run is skipped and says why; in CI that is a failure.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Path of a Chromium, or null where there is none: `describe.skipIf(requireChromium() === null)`. */
export function requireChromium(): string | null {
  return requireProgram({
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    install: 'apt-get install -y chromium',
  })
}

/** Likewise of a Firefox. */
export function requireFirefox(): string | null {
  return requireProgram({
    names: ['firefox-esr', 'firefox'],
    install: 'apt-get install -y firefox-esr',
  })
}

/** Path of the first of these programs on PATH, or null after saying what is missing; throws in CI. */
export function requireProgram({
  names,
  install,
}: {
  names: readonly string[]
  install: string
}): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable)
  if (found) return found
  return missing(`cannot find ${names.join(' or ')}: run \`${install}\``)
}

/** Says why a suite cannot run and returns null; throws in CI. */
export function missing(reason: string): null {
  if (process.env.CI === 'true') throw new Error(reason)
  console.warn(`skipped: ${reason}`)
  return null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
