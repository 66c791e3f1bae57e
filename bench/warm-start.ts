// How long a second `npm start` takes until it is ready to serve.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../server/project-root.ts'
import { type BenchRow, median, seconds } from './bench-row.ts'

const rounds = 5

export async function warmStart(): Promise<BenchRow[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pinlab-start-'))
  const taken: number[] = []
  try {
    await startOnce(dataFolder)
    for (let round = 0; round < rounds; round++) taken.push(await startOnce(dataFolder))
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
  const name = 'npm start, warm, until ready'
  return [{ name, floor: null, measured: median(taken), ratio: null, budget: 1.5, unit: 's' }]
}

async function startOnce(dataFolder: string): Promise<number> {
  const child = spawn('npm', ['start'], {
    cwd: projectRoot,
    env: { ...process.env, PINLAB_PORT: '0', PINLAB_DATA: dataFolder, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const gone = once(child, 'exit')
  const taken = await seconds(async () => {
    let said = ''
    for await (const chunk of child.stdout) {
      said += chunk
      if (said.includes('Pinlab is ready')) return
    }
    throw new Error(`the server ended: ${said}`)
  })
  // npm does not pass signals on; the group is ours alone.
  process.kill(-(child.pid as number), 'SIGTERM')
  await gone
  return taken
}
