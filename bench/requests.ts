// What requests cost: the lab at a glance, a write with its record, and a sign-in.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import Fastify, { type FastifyInstance } from 'fastify'
import { buildApp } from '../server/app.ts'
import { record } from '../server/audit/audit.ts'
import { LocalDeviceHost } from '../server/boards/local-device-host.ts'
import { SystemClock } from '../server/clock.ts'
import { tokenText } from '../server/identity/credentials.ts'
import { addPerson, addToken } from '../server/identity/identity-store.ts'
import { Passwords } from '../server/identity/passwords.ts'
import { hashOf, newSecret } from '../server/identity/secrets.ts'
import type { BoardConfig } from '../server/lab-config.ts'
import { onLoopback } from '../server/network.ts'
import { Database } from '../server/plugins/database/database.ts'
import { type BenchRow, inPairs, seconds } from './bench-row.ts'

const MiB = 1024 * 1024
const boardCount = 50
const password = 'copper lantern fjord'

interface Lab {
  app: FastifyInstance
  database: Database
  passwords: Passwords
  passwordHash: string
  authorization: string
  login: string
}

export async function requests(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pinlab-bench-'))
  const lab = await openLab(folder)
  try {
    return [await overview(lab), await auditedWrite(lab, folder), await signIn(lab)]
  } finally {
    await lab.app.close()
    rmSync(folder, { recursive: true })
  }
}

/** As `ann`, an administrator, with a token. */
async function openLab(dataFolder: string): Promise<Lab> {
  const clock = new SystemClock()
  const database = await Database.open(dataFolder)
  const boards = Array.from({ length: boardCount }, (_, n) => board(`board${n}`))
  const host = await LocalDeviceHost.open(boards, clock)
  const limits = {
    lockedByteLengthPerBoard: MiB,
    lockedByteLengthPerPerson: MiB,
    lockedByteLengthPerHost: MiB,
    captureByteLengthPerPerson: MiB,
    locksPerLease: 1,
  }
  const checkpoints = { webhooks: [], syslog: [] }
  const config = {
    network: onLoopback,
    provider: null,
    limits,
    dataFolder,
    webhooks: [],
    checkpoints,
  }
  const app = await buildApp({ config, database, host, clock, logger: false })
  const passwords = new Passwords()
  const passwordHash = await passwords.hash(password)
  const secret = newSecret()
  const token = await database.write(async (tx) => {
    const createdAt = new Date()
    const ann = { login: 'ann', name: 'Ann', role: 'admin', createdAt, passwordHash } as const
    const person = await addPerson(tx, ann)
    const scopes = 'read book control audit admin'
    const expiresAt = new Date(Date.now() + 60 * 60_000)
    const personId = person?.id ?? ''
    return addToken(tx, {
      ...{ personId, name: 'bench', scopes, secretHash: hashOf(secret), createdAt, expiresAt },
    })
  })
  const authorization = `Bearer ${tokenText(token.id, secret)}`
  return { app, database, passwords, passwordHash, authorization, login: 'ann' }
}

function board(id: string): BoardConfig {
  const config = { h2c: ['memory' as const], c2h: ['memory' as const] }
  return {
    ...{ id, name: id, tags: [], bus: 'simulated', driver: 'xdma' },
    config: { ...config, memoryMiB: 1, fragmentation: 0 },
  }
}

/** Against a route that sends the same JSON and knows nothing. */
async function overview({ app, authorization }: Lab): Promise<BenchRow> {
  const headers = { host: '127.0.0.1', authorization }
  const ask = async (server: FastifyInstance) => {
    const answer = await server.inject({ url: '/api/v1/boards', headers })
    if (answer.statusCode !== 200) throw new Error(`GET /boards answered ${answer.payload}`)
    return answer
  }
  const same = (await ask(app)).json()
  const bare = Fastify()
  bare.get('/api/v1/boards', async () => same)
  const times = 20
  const many = (server: FastifyInstance) =>
    seconds(async () => {
      for (let n = 0; n < times; n++) await ask(server)
    })
  await many(bare)
  const pair = await inPairs(
    15,
    () => many(bare),
    () => many(app),
  )
  return row(`GET /boards, ${boardCount} boards`, pair, {
    times,
    scale: 1e3,
    unit: 'ms',
    budget: 2,
  })
}

/** Against better-sqlite3 alone, which commits the same rows one by one. */
async function auditedWrite({ database }: Lab, folder: string): Promise<BenchRow> {
  const raw = new SqliteDatabase(join(folder, 'floor.db'))
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  raw.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, payload TEXT, at TEXT, type TEXT)')
  raw.exec('CREATE INDEX event_type ON event (type)')
  const insert = raw.prepare('INSERT INTO event (payload, at, type) VALUES (?, ?, ?)')
  const payload = JSON.stringify({ text: 'x'.repeat(300) })
  const times = 50
  const pair = await inPairs(
    15,
    () =>
      seconds(async () => {
        for (let n = 0; n < times; n++) insert.run(payload, new Date().toISOString(), 'bench')
      }),
    () =>
      seconds(async () => {
        const event = { type: 'board.state', actor: 'bench', detail: { text: 'x'.repeat(100) } }
        for (let n = 0; n < times; n++) {
          await database.write((tx) => record(tx, event as Parameters<typeof record>[1]))
        }
      }),
  )
  raw.close()
  return row('a write with its record', pair, { times, scale: 1e3, unit: 'ms', budget: 2 })
}

/** Against the hash alone, which is meant to be slow. */
async function signIn({ app, passwords, passwordHash, login }: Lab): Promise<BenchRow> {
  const headers = { host: '127.0.0.1', origin: 'http://127.0.0.1', 'sec-fetch-site': 'same-origin' }
  const pair = await inPairs(
    10,
    () => seconds(() => passwords.verify(passwordHash, password)),
    () =>
      seconds(async () => {
        const payload = { login, password }
        const answer = await app.inject({ method: 'POST', url: '/api/v1/login', headers, payload })
        if (answer.statusCode !== 200) throw new Error(`POST /login answered ${answer.payload}`)
      }),
  )
  return row('sign-in with a password', pair, { times: 1, scale: 1e3, unit: 'ms', budget: null })
}

function row(
  name: string,
  { floor, measured, ratio }: { floor: number; measured: number; ratio: number },
  {
    times,
    scale,
    unit,
    budget,
  }: { times: number; scale: number; unit: string; budget: number | null },
): BenchRow {
  const each = scale / times
  return { name, floor: floor * each, measured: measured * each, ratio, budget, unit }
}
