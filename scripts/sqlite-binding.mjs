// Chooses the better-sqlite3 that this Node.js can run; imported before anything that opens a database. Version 12 aborts on
// Node.js 24.19 and later, when its objects are collected; version 13 needs Node.js 22. From Node.js 24 on the name means 13, also
// for Prisma's adapter. Version 13 is an optional dependency: npm leaves it out where Node.js is too old for it, and also, without
// a word, where it could not be compiled.

import * as module from 'node:module'

const major = Number(process.versions.node.split('.')[0])

// By name, or by the path that a test runner has made of it.
const version12 = /(^|\/node_modules\/)better-sqlite3(?=$|\/)/

if (major >= 24) {
  refuseWithout('better-sqlite3-13')
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier.replace(version12, '$1better-sqlite3-13'), context),
  })
}

function refuseWithout(name) {
  try {
    import.meta.resolve(name)
  } catch {
    console.error(
      `Pinlab needs ${name} on Node.js ${major} and it is not installed: run \`npm ci --foreground-scripts\`, which shows why npm leaves it out.`,
    )
    process.exit(1)
  }
}
