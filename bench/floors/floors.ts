// The floors that only C can take, asked one at a time.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { projectRoot } from '../../server/project-root.ts'

export interface Floors {
  /** Seconds that a command of floors.c took. */
  take(command: string): Promise<number>
  end(): Promise<void>
}

export function startFloors(): Floors {
  const folder = mkdtempSync(join(tmpdir(), 'pinlab-floors-'))
  const program = join(folder, 'floors')
  const source = join(projectRoot, 'bench', 'floors', 'floors.c')
  execFileSync(process.env.CC ?? 'cc', ['-O3', '-pthread', '-o', program, source])
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async take(command) {
      child.stdin.write(`${command}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the floor program ended at: ${command}`)
      return Number(value) / 1e9
    },
    async end() {
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
      rmSync(folder, { recursive: true })
    },
  }
}
