// The native layer as plain JavaScript, for workers and child processes that do not read TypeScript.

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type TypeScript from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** URL of the compiled index. Kept in dist/, because loading the compiler takes an emulated processor many seconds. */
export function compiledNative(): string {
  const sources = readdirSync(join(root, 'native'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(join(root, 'native', name), 'utf8') }))
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16)
  const folder = join(root, 'dist', 'native-for-tests', hash)
  if (!existsSync(folder)) compile(sources, folder)
  return pathToFileURL(join(folder, 'index.mjs')).href
}

function compile(sources: { name: string; text: string }[], folder: string): void {
  const ts = createRequire(import.meta.url)('typescript') as typeof TypeScript
  const fresh = `${folder}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  for (const { name, text } of sources) {
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
      fileName: name.replace(/ts$/, 'mts'),
    })
    writeFileSync(
      join(fresh, `${basename(name, '.ts')}.mjs`),
      outputText.replaceAll(/(from ["']\.[^"']*)\.js(["'])/g, '$1.mjs$2'),
    )
  }
  try {
    renameSync(fresh, folder)
  } catch (error) {
    // Another worker was quicker; its files are the same.
    if (!existsSync(folder)) throw error
    rmSync(fresh, { recursive: true })
  }
}
