// What the sanitizers are told through the environment, and what they have found.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const folder = 'dist/sanitizer-reports'

const libraries = ['libasan.so', 'libubsan.so']

/**
 * For programs that were built with a sanitizer: each process writes what is found into a file of its own. In a process that has
 * AddressSanitizer, UndefinedBehaviorSanitizer writes to the standard error output all the same, and what it is told as its path
 * becomes the other's too. So it must end the process, which nobody overlooks.
 */
export function sanitizerEnvironment(root, { leaks = true } = {}) {
  const found = (name) => `log_path=${join(root, folder, name)}`
  return {
    ASAN_OPTIONS: [found('address'), `detect_leaks=${leaks ? 1 : 0}`].join(':'),
    UBSAN_OPTIONS: [found('address'), 'print_stacktrace=1', 'halt_on_error=1'].join(':'),
    TSAN_OPTIONS: [found('thread'), 'second_deadlock_stack=1'].join(':'),
  }
}

/**
 * For Node.js with the sanitized addon. Node.js itself was built without, so the runtime must be loaded before all else; and it
 * leaves to the kernel much of what it has allocated, which LeakSanitizer would take for leaks.
 */
export function sanitizedNodeEnvironment(root) {
  return {
    ...sanitizerEnvironment(root, { leaks: false }),
    LD_PRELOAD: libraries.map(pathOfLibrary).join(' '),
    PINLAB_SANITIZED: '1',
  }
}

/** The compiler that builds the addon has the runtime that fits it. */
function pathOfLibrary(name) {
  const compiler = process.env.CXX ?? 'g++'
  return execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim()
}

/** Forgets what earlier runs have found. */
export function clearReports(root) {
  rmSync(join(root, folder), { recursive: true, force: true })
  mkdirSync(join(root, folder), { recursive: true })
}

/** What has been found since, one text for each process that had something to report. */
export function readReports(root) {
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => `${join(folder, name)}:\n${readFileSync(join(root, folder, name), 'utf8')}`)
}

/**
 * What is wrong with a program's end, or undefined; `expected` is what its output or one of the reports must say.
 * @param {{ exitCode: number, output: string, reports: string[], expected?: RegExp }} end
 */
export function judgeReports({ exitCode, output, reports, expected }) {
  if (expected) {
    const isReported = exitCode !== 0 && [output, ...reports].some((text) => expected.test(text))
    return isReported ? undefined : `nothing says ${expected}\n${reports.join('\n')}`
  }
  if (exitCode === 0 && reports.length === 0) return undefined
  return `exit code ${exitCode}\n${reports.join('\n')}`
}

/** Each report is a failure, also where the test that led to it has passed: the process may have been another one. */
export function countReports(root) {
  const reports = readReports(root)
  for (const report of reports) console.log(`FAIL  a sanitizer has reported, ${report}`)
  return { failed: reports.length, failures: reports.map((report) => report.split(':', 1)[0]) }
}
