// API clients that book, take, lock, fill, transfer, unlock and release until their server dies.

import { setTimeout as delay } from 'node:timers/promises'
import type { Booking } from '../../../server/contract/booking.ts'
import type { DmaSession, Transfer } from '../../../server/contract/dma-session.ts'
import type { Lease } from '../../../server/contract/lease.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import type { Ledger } from './ledger.ts'

const byteLength = 64 * 1024
const slotMs = 5 * 60_000
const mostLocks = 3
const refusedMs = 20
const pauseMs = 50

export interface ClientParts {
  url: string
  token: string
  ledger: Ledger
  /** From 0 to 1. */
  random: () => number
}

class Client {
  constructor(private readonly parts: ClientParts) {}

  get random(): number {
    return this.parts.random()
  }

  next(): number {
    return this.parts.ledger.next()
  }

  /** Null when it was refused. Rejects when the server is gone. */
  async send<T>(method: string, path: string, body?: object): Promise<T | null> {
    const answer = await fetch(`${this.parts.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.parts.token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    return answer.ok ? ((text ? JSON.parse(text) : {}) as T) : null
  }

  /** Acknowledged once the whole answer is here. */
  async ask<T extends object>(
    name: string,
    ...request: [method: string, path: string, body?: object]
  ): Promise<T | null> {
    const { asked, acknowledged } = this.parts.ledger
    asked.add(name)
    const answer = await this.send<T>(...request)
    if (answer) acknowledged.set(name, 'id' in answer ? String(answer.id) : '')
    else await delay(refusedMs)
    return answer
  }
}

/** Works on a board: rejects when the server is gone. */
export async function workOn(board: string, parts: ClientParts): Promise<never> {
  const client = new Client(parts)
  const detail = await client.send<BoardDetail>('GET', `/boards/${board}`)
  let lease = detail?.status.lease?.state === 'active' ? detail.status.lease.id : null
  const locks: string[] = []
  for (;;) {
    if (lease === null) {
      const path = `/boards/${board}/lease`
      const taken: Lease | null = await client.ask(`take ${client.next()}`, 'POST', path, {})
      lease = taken?.id ?? null
      continue
    }
    const choice = client.random
    const session = locks[Math.floor(client.random * locks.length)]
    if (session === undefined || (choice < 0.2 && locks.length < mostLocks)) {
      const made = await lock(client, board)
      if (made) locks.push(made)
      // The lease may have come to its end.
      else lease = null
    } else if (choice < 0.4) await fill(client, session)
    else if (choice < 0.75) await transfer(client, session)
    else if (choice < 0.97) {
      const path = `/dma-sessions/${session}/unlock`
      if (await client.ask(`unlock ${session}`, 'POST', path, {})) {
        locks.splice(locks.indexOf(session), 1)
      }
    } else {
      await client.ask(`release ${lease}`, 'POST', `/leases/${lease}/release`, {})
      lease = null
      locks.length = 0
    }
  }
}

async function lock(client: Client, board: string): Promise<string | null> {
  const label = `lock-${client.next()}`
  const made = await client.ask<DmaSession>(`lock ${label}`, 'POST', `/boards/${board}/locks`, {
    ...{ kind: 'scatterGather', byteLength, direction: 'toFromDevice', label },
  })
  return made?.id ?? null
}

async function fill(client: Client, session: string): Promise<void> {
  const seed = client.next()
  await client.ask(`fill ${seed}`, 'POST', `/dma-sessions/${session}/fill`, {
    ...{ pattern: 'counter', seed },
  })
}

async function transfer(client: Client, session: string): Promise<void> {
  const timeoutMs = 1_000_000 + client.next()
  const path = `/dma-sessions/${session}/transfers`
  const channel = client.random < 0.5 ? 'h2c0' : 'c2h0'
  await client.ask<Omit<Transfer, 'id'>>(`transfer ${timeoutMs}`, 'POST', path, {
    ...{ channel, mode: 'once', byteLength, timeoutMs },
  })
}

/** Books in the days to come and cancels most of it again: rejects when the server is gone. */
export async function book(board: string, parts: ClientParts): Promise<never> {
  const client = new Client(parts)
  const tomorrow = (Math.floor(Date.now() / 86_400_000) + 2) * 86_400_000
  for (;;) {
    const from = tomorrow + client.next() * slotMs
    const [start, end] = [from, from + slotMs].map((at) => new Date(at).toISOString())
    const name = `book ${board} ${start}`
    const made = await client.ask<Booking>(name, 'POST', '/bookings', { board, start, end })
    if (made && client.random < 0.9) {
      await client.ask(`cancel ${made.id}`, 'DELETE', `/bookings/${made.id}`)
    }
    await delay(pauseMs)
  }
}
