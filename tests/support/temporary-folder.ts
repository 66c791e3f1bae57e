// A folder for one test, or for all of a file, gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes what is to be done when it is over: of a test (`onTestFinished`) or of a file (`afterAll`). */
export type AtEnd = (end: () => void | Promise<void>) => void

export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinlab-test-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
