// Recognises packages that somebody installed with npm by hand, so that they are not installed a second time.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** True where node_modules holds just what package-lock.json asks for, compiled for the Node.js that runs this. */
export function packagesInstalledByHand(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const found = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (!wanted || !found) return false
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const installed = found[path]
    if (!installed && !entry.optional && !entry.peer) return false
    if (installed && installed.version !== entry.version) return false
  }
  return Object.keys(found).every((path) => path in wanted) && compiledPackageLoads(root)
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

function compiledPackageLoads(root) {
  const program = "new (require('better-sqlite3'))(':memory:')"
  return spawnSync(process.execPath, ['-e', program], { cwd: root }).status === 0
}
