// The real server inside the guest, on real boards, asked from outside over the forwarded port as any client asks it.

import { expect } from 'vitest'
import type {
  DmaSession,
  LockRequest,
  Transfer,
  TransferRequest,
} from '../../server/contract/dma-session.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { callApi, requestApi, type ServerAccess } from '../support/call-api.ts'
import { type FirstPerson, setUpLab } from '../support/first-person.ts'
import { LiveClient } from '../support/live-client.ts'
import type { Guest } from './guest/guest.ts'

/** What the suites of the server in the guest share. */
export interface RunningLab {
  guest: Guest
  /** The one that runs: a suite may have killed the one before. */
  server: LabInGuest
  /** Seconds until each was ready. */
  times: { guest: number; server: number }
}

const readyTimeoutMs = 180_000
/** Of each guest: a server that starts again in it knows them. */
const firstPeople = new WeakMap<Guest, FirstPerson>()

/** Starts the built server with this pinlab.yaml. */
export async function startLabInGuest(guest: Guest, lab: object): Promise<LabInGuest> {
  const start = `
    cat >/tmp/pinlab.yaml <<'LAB'
${JSON.stringify(lab, null, 2)}
LAB
    export PINLAB_CONFIG=/tmp/pinlab.yaml PINLAB_DATA=/tmp/data PINLAB_PORT=8080 LOG_LEVEL=warn
    : >/tmp/server.log
    node scripts/serve-built.mjs >/tmp/server.log 2>&1 &
    echo $! >/tmp/server.pid
    until grep -q 'Pinlab is ready' /tmp/server.log; do
      kill -0 $! || { cat /tmp/server.log; exit 1; }
      sleep 0.2
    done`
  const { exitCode, output } = await guest.run(start, { timeoutMs: readyTimeoutMs })
  expect(exitCode, `the server did not start: ${output}`).toBe(0)
  const person = firstPeople.get(guest) ?? (await setUpLab(guest.url, await setUpToken(guest)))
  firstPeople.set(guest, person)
  return new LabInGuest(guest, person.token)
}

async function setUpToken(guest: Guest): Promise<string> {
  return (await guest.run('cat /tmp/data/setup-token')).output.toString()
}

export class LabInGuest {
  readonly #access: ServerAccess

  constructor(
    readonly guest: Guest,
    token: string,
  ) {
    this.#access = { url: guest.url, token }
  }

  api<T>(path: string, body?: object): Promise<T> {
    return callApi(this.#access, path, body)
  }

  board(id: string): Promise<BoardDetail> {
    return this.api(`/boards/${id}`)
  }

  /** Takes control of a board that must be ready. */
  async take(id: string): Promise<Lease> {
    const { status } = await this.board(id)
    expect(status).toMatchObject({ board: id, state: 'ready', stateReason: null })
    const lease = await this.api<Lease>(`/boards/${id}/lease`, {})
    expect(lease).toMatchObject({ board: id, state: 'active' })
    return lease
  }

  async channel(board: string, direction: 'h2c' | 'c2h'): Promise<string> {
    const { channels } = await this.board(board)
    const found = channels.find((channel) => channel.direction === direction)
    expect(found, `${board} has no ${direction} channel`).toBeDefined()
    return found?.id ?? ''
  }

  async lock(board: string, request: Partial<LockRequest>): Promise<DmaSession> {
    const session = await this.api<DmaSession>(`/boards/${board}/locks`, request)
    expect(session).toMatchObject({ board, state: 'locked', addressKind: 'iova' })
    return session
  }

  async start(session: DmaSession, request: Partial<TransferRequest>): Promise<Transfer> {
    const transfer = await this.api<Transfer>(`/dma-sessions/${session.id}/transfers`, request)
    expect(transfer).toMatchObject({ channel: request.channel, failure: null })
    return transfer
  }

  /** One transfer from start to end, which must be a good one. */
  async move(session: DmaSession, request: Partial<TransferRequest>): Promise<Transfer> {
    const { n } = await this.start(session, { mode: 'once', ...request })
    const ended = await this.transfer(session, n, 60)
    expect(ended).toMatchObject({
      state: 'done',
      failure: null,
      bytesCompleted: request.byteLength,
      refusedAccesses: 0,
    })
    return ended
  }

  transfer(session: DmaSession, n: number, waitSeconds = 0): Promise<Transfer> {
    return this.api(`/dma-sessions/${session.id}/transfers/${n}?waitSeconds=${waitSeconds}`)
  }

  stop(session: DmaSession, n: number): Promise<Transfer> {
    return this.api(`/dma-sessions/${session.id}/transfers/${n}/stop`, {})
  }

  async bytes(session: DmaSession): Promise<Buffer> {
    const answer = await requestApi(this.#access, `/dma-sessions/${session.id}/data`)
    expect(answer.status).toBe(200)
    return Buffer.from(await answer.arrayBuffer())
  }

  async fill(session: DmaSession, pattern: object): Promise<void> {
    const answer = await requestApi(this.#access, `/dma-sessions/${session.id}/fill`, pattern)
    expect(answer.status).toBe(204)
  }

  async unlock(session: DmaSession): Promise<DmaSession> {
    return this.api(`/dma-sessions/${session.id}/unlock`, {})
  }

  /** Ends the server as SIGKILL does; resolves when the process is gone. */
  async kill(): Promise<void> {
    const kill = 'pid=$(cat /tmp/server.pid); kill -9 $pid'
    const { exitCode } = await this.guest.run(
      `${kill}; while [ -e /proc/$pid/exe ]; do sleep 0.1; done`,
    )
    expect(exitCode).toBe(0)
  }

  live(): Promise<LiveClient> {
    return LiveClient.connect(`${this.guest.url.replace('http', 'ws')}/api/v1/live`, this.#access)
  }

  /** How many interrupts of a device came since it was opened. */
  async interrupts(address: string): Promise<number> {
    const { output } = await this.guest.run('cat /proc/interrupts')
    return output
      .toString()
      .split('\n')
      .filter((line) => line.includes('vfio-') && line.includes(address))
      .flatMap((line) => [...line.replace(/^\s*\d+:/, '').matchAll(/^[\s\d]+/g)])
      .flatMap(([counts]) => counts.trim().split(/\s+/))
      .reduce((sum, count) => sum + Number(count), 0)
  }
}
