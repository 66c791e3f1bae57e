// What the machine must have before anything is installed. Each thing that is missing gets one sentence.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** A refusal to show without a stack trace: the message says what to install. */
export class RequirementError extends Error {}

export function requireLinux(platform = process.platform) {
  if (platform === 'linux') return
  throw new RequirementError(
    `Pinlab locks memory with what Linux gives it and this is ${platform}: run it on Linux, a virtual machine or a container will do.`,
  )
}

/** node-gyp needs these for the addon and for better-sqlite3. */
export function requireBuildTools() {
  const missing = []
  if (!compiler()) missing.push('g++')
  for (const name of ['make', 'python3']) if (!findProgram(name)) missing.push(name)
  if (missing.length === 0) return
  throw new RequirementError(
    `Pinlab compiles a C++ addon and cannot find ${missing.join(', ')}: run \`apt-get install -y ${missing.join(' ')}\` (Debian's names) and start again.`,
  )
}

export function requireNpm() {
  if (findProgram('npm')) return
  throw new RequirementError(
    'Pinlab installs its packages with npm and cannot find it: run `apt-get install -y npm` (Debian) and start again.',
  )
}

/** First file of that name on PATH that may be executed. */
export function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function compiler() {
  if (process.env.CXX) return { CXX: process.env.CXX }
  if (findProgram('g++')) return {}
  if (findProgram('c++')) return { CXX: 'c++', CC: 'cc' }
  if (findProgram('clang++')) return { CXX: 'clang++', CC: 'clang' }
  return undefined
}

/** What node-gyp's makefiles must be told where the compiler is not g++. */
export function compilerEnvironment() {
  return compiler() ?? {}
}

/** Node.js usually comes with its headers; pointing node-gyp at them saves it a download. */
export function headersEnvironment() {
  const prefix = dirname(dirname(process.execPath))
  const header = join(prefix, 'include/node/node_version.h')
  if (process.env.npm_config_nodedir || !existsSync(header)) return {}
  const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(header, 'utf8'))?.[1]
  return major === process.versions.node.split('.')[0] ? { npm_config_nodedir: prefix } : {}
}
