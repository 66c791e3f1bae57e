// native/units/ names the sources that are compiled together. One that is forgotten would only be missed where something calls it.

import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../../server/project-root.ts'

const native = join(projectRoot, 'native')

function sources(folder: string): string[] {
  return readdirSync(join(native, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cpp'))
    .map((path) => join(folder, path))
}

it('the units of the addon name each source once', () => {
  const named = sources('units').flatMap((unit) =>
    [...readFileSync(join(native, unit), 'utf8').matchAll(/#include "(.+\.cpp)"/g)].map(
      ([, path = '']) => normalize(join('units', path)),
    ),
  )
  const written = ['addon', 'buses', 'core'].flatMap(sources)
  expect(written.length).toBeGreaterThan(50)
  expect(named.toSorted()).toEqual(written.toSorted())
})
