// The native layer as plain JavaScript, for workers and child processes that do not read TypeScript.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const sources = [
  'native/index.ts',
  'native/addon.ts',
  'native/card.ts',
  'native/doctor.ts',
  'native/errors.ts',
  'native/interrupt-line.ts',
  'native/lock.ts',
  'native/memory.ts',
  'native/memory-item.ts',
  'native/projections.ts',
  'native/register-list.ts',
  'native/simulated-config.ts',
  'native/surface.ts',
  'native/transaction.ts',
]
let compiled: string | undefined

/** URL of the compiled index. Inside node_modules, so that it finds the addon as the built server does. */
export function compiledNative(): string {
  if (compiled) return compiled
  const target = join(root, 'node_modules', '.cache', `pinlab-native-${process.pid}`)
  for (const source of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
      fileName: source.replace(/ts$/, 'mts'),
    })
    const file = join(target, source.replace(/ts$/, 'mjs'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputText.replaceAll(/(from ["']\.[^"']*)\.js(["'])/g, '$1.mjs$2'))
  }
  process.once('exit', () => rmSync(target, { recursive: true, force: true }))
  compiled = pathToFileURL(join(target, 'native', 'index.mjs')).href
  return compiled
}
