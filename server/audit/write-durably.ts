// Files that must be there after a power cut.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Creates or empties the file, and returns when its content and its name are on the disk. */
export function writeDurably(file: string, text: string, mode: number): void {
  write(file, text, { flag: 'w', mode })
}

/** Adds to the end of the file. */
export function appendDurably(file: string, text: string, mode: number): void {
  write(file, text, { flag: 'a', mode })
}

function write(
  file: string,
  text: string,
  { flag, mode }: { flag: 'w' | 'a'; mode: number },
): void {
  const descriptor = openSync(file, flag, mode)
  try {
    const bytes = Buffer.from(text)
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written)
    }
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  syncFolder(dirname(file))
}

/** A name is on the disk when its folder is. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
