// One build at a time per working tree: a lock file that names its owner, so that an owner that died does not hold it for ever.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildFolder } from './build-steps.mjs'

const lockFile = `${buildFolder}/.lock`
const pollMs = 200

/**
 * Resolves with the function that unlocks; the process's exit unlocks too. `onWait` is called once, with the owner's process id,
 * if another build holds the lock.
 */
export async function lockBuild(root, onWait) {
  const path = join(root, lockFile)
  const mine = `${path}.${process.pid}`
  const removeMine = () => rmSync(mine, { force: true })
  mkdirSync(dirname(path), { recursive: true })
  process.once('exit', removeMine)
  writeFileSync(mine, identityOf(process.pid))
  for (let waited = false; !takeLock(mine, path); ) {
    const owner = readOwner(path)
    if (owner === undefined) continue
    if (!isAlive(owner)) {
      removeStale(path, mine, owner)
      continue
    }
    if (!waited) onWait(owner.split(' ')[0])
    waited = true
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  removeMine()
  process.off('exit', removeMine)

  const unlock = () => {
    rmSync(path, { force: true })
    process.off('exit', unlock)
  }
  process.once('exit', unlock)
  return unlock
}

// link() fails where the name exists and otherwise shows the file with its content, never an empty one.
function takeLock(mine, path) {
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function readOwner(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

// Of several that find the same stale lock only one wins the rename; one that caught a fresh lock instead puts it back.
function removeStale(path, mine, owner) {
  const caught = `${mine}.stale`
  try {
    renameSync(path, caught)
  } catch {
    return
  }
  if (readOwner(caught) !== owner) takeLock(caught, path)
  rmSync(caught, { force: true })
}

/** Process ids are used again; together with the time the process started (field 22 of its stat) they are not. */
function identityOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return `${pid} ${afterName[19]}`
}

function isAlive(owner) {
  try {
    return identityOf(owner.split(' ')[0]) === owner
  } catch {
    return false
  }
}
