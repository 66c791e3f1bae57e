// A folder for one test, or for all of a file, gone afterwards.

import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes what is to be done when it is over: of a test (`onTestFinished`) or of a file (`afterAll`). */
export type AtEnd = (end: () => void | Promise<void>) => void

/** Each write of a test's database waits for the disk; where there is room, its folder is in memory instead. */
const memory = '/dev/shm'
const roomByteLength = 1024 * 1024 * 1024
const place = hasRoom(memory) ? memory : tmpdir()

export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(place, 'pinlab-test-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= roomByteLength
  } catch {
    return false
  }
}
