// Where Pinlab itself lies: the folder with package.json, whether we run from the sources or from dist/.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error('Pinlab was moved away from its package.json')
  return findRoot(parent)
}

export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)))

export const version: string = JSON.parse(
  readFileSync(join(projectRoot, 'package.json'), 'utf8'),
).version
