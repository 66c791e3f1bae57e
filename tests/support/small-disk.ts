// A disk of a few MiB that can be filled. Mounting one takes root.

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { missing } from './requirements.ts'

/** False after saying why not; throws in CI. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return missing('nothing can be mounted here, so no disk is full: run as root') !== null
  }
}

/** On this folder until the test is over. */
export function mountSmallDisk(folder: string, sizeMiB: number): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder])
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder])
  })
}

/** To the last page. Returns what makes room again. */
export function fillDisk(folder: string): () => void {
  const file = join(folder, 'filler')
  const descriptor = openSync(file, 'w')
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4096))
  } catch {
    return () => rmSync(file)
  } finally {
    closeSync(descriptor)
  }
}
