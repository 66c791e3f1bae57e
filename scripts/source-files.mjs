// Lists source files, leaving out folders that hold what tools made.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const foldersOfOutput = new Set(['build', 'generated', 'node_modules'])

/** Files below a folder, as paths relative to `root`; none where the folder does not exist. Links are not followed. */
export function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return foldersOfOutput.has(entry.name) ? [] : filesUnder(root, path)
    return entry.isFile() ? [path] : []
  })
}
