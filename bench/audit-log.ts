// A log of a million events: how long its export takes, and the verification of what was exported.

import { execFile } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { findEvents } from '../server/audit/audit-search-store.ts'
import { planBundle } from '../server/audit/bundle.ts'
import type { Signer } from '../server/audit/note.ts'
import { Database } from '../server/plugins/database/database.ts'
import { projectRoot } from '../server/project-root.ts'
import { makeAuditDatabase, searched } from './audit-database.ts'
import { type BenchRow, median, seconds } from './bench-row.ts'

/** Whole segments, so that the last of their checkpoints is over all events. */
const million = 3907 * 256
const fewer = 100_000

export async function auditLog(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pinlab-bench-audit-'))
  try {
    const signer = await makeAuditDatabase(folder, million)
    const database = await Database.open(folder)
    try {
      return [await search(database), ...(await exportAndVerify(database, signer, folder))]
    } finally {
      await database.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By person, board, type and time, and by parts of that: of each the median, of these the longest. */
async function search({ reader }: Database): Promise<BenchRow> {
  const { actor, board, type, timeOf } = searched
  const day = { from: timeOf(million / 2), to: timeOf(million / 2 + 4320) }
  const filters = [
    ...[{}, { actor }, { board }, { type }, day, { actor, ...day }, { board, ...day }],
    ...[
      { actor, board },
      { actor, board, ...day },
      { actor, board, type, ...day },
    ],
  ]
  const medians: number[] = []
  for (const filter of filters) {
    const find = () => findEvents(reader, { ...filter, take: 50 })
    await find()
    const times: number[] = []
    for (let round = 0; round < 9; round++)
      times.push(await seconds(async () => void (await find())))
    medians.push(median(times) * 1000)
  }
  const name = 'search a million events, the slowest of ten ways'
  return { name, floor: null, measured: Math.max(...medians), ratio: null, budget: 200, unit: 'ms' }
}

async function exportAndVerify(
  database: Database,
  signer: Signer,
  folder: string,
): Promise<BenchRow[]> {
  const [all, some] = [join(folder, 'all.tar'), join(folder, 'some.tar')]
  const exportSeconds = await seconds(() => exportBundle(database, signer, { from: 1, file: all }))
  await exportBundle(database, signer, { from: million - fewer + 1, file: some })
  const small = await verify(some)
  const large = await verify(all)
  const plain = { floor: null, ratio: null, unit: 's' }
  return [
    { ...plain, name: 'export a million events', measured: exportSeconds, budget: null },
    { ...plain, name: 'verify a million events', measured: large.seconds, budget: 15 },
    {
      name: 'peak memory of that, against 100,000 events',
      floor: small.MiB,
      measured: large.MiB,
      ratio: large.MiB / small.MiB,
      budget: 1.25,
      unit: 'MiB',
    },
  ]
}

async function exportBundle(
  { reader }: Database,
  signer: Signer,
  { from, file }: { from: number; file: string },
): Promise<void> {
  const made = { madeAt: new Date(), madeBy: 'bench', build: 'bench', kinds: [], signer }
  const bundle = await planBundle(reader, { from, to: million, ...made })
  await pipeline(bundle.read(), createWriteStream(file))
}

/** In a process of its own, as `npx pinlab audit verify` is. */
async function verify(file: string): Promise<{ seconds: number; MiB: number }> {
  const entry = join(projectRoot, 'dist/server/audit-verify.js')
  const script = `
    const { verify } = await import(${JSON.stringify(entry)})
    const start = performance.now()
    const { exitCode, text } = verify([${JSON.stringify(file)}])
    if (exitCode !== 0) throw new Error(text)
    const seconds = (performance.now() - start) / 1000
    console.log(JSON.stringify({ seconds, MiB: process.resourceUsage().maxRSS / 1024 }))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ])
  return JSON.parse(stdout)
}
