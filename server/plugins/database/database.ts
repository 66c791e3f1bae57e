// SQLite through Prisma: one client to read, one to write. Writers are serialised and reach the database only in a transaction.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { Prisma, PrismaClient } from '../../../prisma/generated/sqlite/client.ts'
import { PinlabError } from '../../errors.ts'
import { restoringFolder, takeDataFolder } from './instance-lock.ts'
import { migrate } from './migrations.ts'

export type Transaction = Prisma.TransactionClient
/** Only for reading: what it writes escapes the queue of the writers and the record. */
export type Reader = Pick<
  PrismaClient,
  | 'apiToken'
  | 'auditCheckpoint'
  | 'auditEvent'
  | 'auditKey'
  | 'auditPart'
  | 'auditSegment'
  | 'auditTree'
  | 'benchViews'
  | 'board'
  | 'booking'
  | 'calendarFeed'
  | 'capture'
  | 'dmaSession'
  | 'lease'
  | 'oneTimeLink'
  | 'person'
  | 'policy'
  | 'queueEntry'
  | 'recipe'
  | 'signIn'
  | 'transfer'
  | 'webhookCursor'
  | '$queryRaw'
>

/** Writes that may wait at once; one more is refused, so that a stuck disk cannot fill the memory. */
const maxWaitingWrites = 1000

type Ending = (tx: Transaction) => Promise<void>

/** What open transactions still have to do before they commit. */
const endings = new WeakMap<Transaction, Ending[]>()

/** Runs `ending` when the work of the transaction is done, before its commit: what it throws rolls everything back. */
export function beforeCommit(tx: Transaction, ending: Ending): void {
  const open = endings.get(tx)
  if (!open) throw new Error('the transaction is none of Database.write, or is over')
  open.push(ending)
}

async function runToItsEnd<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const open: Ending[] = []
  endings.set(tx, open)
  const result = await work(tx)
  for (const ending of open) await ending(tx)
  endings.delete(tx)
  return result
}

export class Database {
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0

  private constructor(
    readonly reader: Reader,
    private readonly clients: { reader: PrismaClient; writer: PrismaClient },
    private readonly release: () => void,
  ) {}

  /** Takes the data folder, applies migrations and connects. Throws a PINLAB_START_… error. */
  static async open(dataFolder: string): Promise<Database> {
    const release = takeDataFolder(dataFolder)
    try {
      if (existsSync(join(dataFolder, restoringFolder))) {
        throw new PinlabError(
          'PINLAB_START_DATA_FOLDER',
          `A restore of ${dataFolder} was broken off. Run \`npx pinlab restore\` again.`,
        )
      }
      const file = join(dataFolder, 'pinlab.db')
      migrate(file)
      const clients = { reader: await connect(file), writer: await connect(file) }
      return new Database(clients.reader, clients, release)
    } catch (error) {
      release()
      throw error instanceof PinlabError ? error : notOpened(dataFolder, error as Error)
    }
  }

  /**
   * Runs `work` in one transaction, after all writes that were asked for before it. No driver call and no waiting on the network
   * belongs inside: every other writer waits. What it throws rolls back and reaches the caller; a failure of the database itself
   * becomes PINLAB_SERVER_DATABASE.
   */
  async write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#waiting >= maxWaitingWrites) {
      throw new PinlabError('PINLAB_SERVER_BUSY', 'Too many writes are waiting. Try again shortly.')
    }
    this.#waiting += 1
    const turn = this.#queue.then(() =>
      this.clients.writer.$transaction((tx) => runToItsEnd(tx, work), {
        maxWait: 10_000,
        timeout: 30_000,
      }),
    )
    this.#queue = turn
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1
      })
    try {
      return await turn
    } catch (error) {
      throw isDatabaseFailure(error)
        ? new PinlabError(
            'PINLAB_SERVER_DATABASE',
            'The database refused the write. Look at the disk of the data folder.',
            { cause: error },
          )
        : error
    }
  }

  async close(): Promise<void> {
    await this.#queue
    await this.clients.writer.$disconnect()
    await this.clients.reader.$disconnect()
    this.release()
  }
}

function notOpened(dataFolder: string, error: Error): PinlabError {
  return new PinlabError(
    'PINLAB_START_DATA_FOLDER',
    `The database in ${dataFolder} cannot be opened (${error.message}). Free some space on its disk, and give this user the right to write there.`,
    { cause: error },
  )
}

/** A unique violation, which stores turn into a refusal. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}

/** Whether `write` failed because the database takes nothing now, whatever was asked for. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof PinlabError &&
    (error.code === 'PINLAB_SERVER_DATABASE' || error.code === 'PINLAB_SERVER_BUSY')
  )
}

/** Unique, foreign key, or a row that is missing: what was asked for is wrong, not the database. */
const violations: readonly unknown[] = ['P2002', 'P2003', 'P2025']

/** A commit that a full disk refuses comes from the adapter as it is. */
function isDatabaseFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isPrismas = error.name.startsWith('PrismaClient') || error.name === 'DriverAdapterError'
  return isPrismas && !('code' in error && violations.includes(error.code))
}

async function connect(file: string): Promise<PrismaClient> {
  const client = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: `file:${file}` }) })
  await client.$queryRawUnsafe('PRAGMA busy_timeout = 5000')
  await client.$queryRawUnsafe('PRAGMA synchronous = FULL')
  await client.$queryRawUnsafe('PRAGMA foreign_keys = ON')
  // What is erased must not be readable in the file's free pages.
  await client.$queryRawUnsafe('PRAGMA secure_delete = ON')
  return client
}
