import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DmaSession, DmaSessionSummary, Transfer } from '../../server/contract/dma-session.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { type BuiltServer, failToStart, startBuiltServer } from '../support/built-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { large } from '../support/test-lab.ts'

const MiB = 1024 * 1024

async function streamOn(server: BuiltServer): Promise<{ lease: Lease; session: DmaSession }> {
  const lease = await server.api<Lease>('/boards/sim0/lease', {})
  const session = await server.api<DmaSession>('/boards/sim0/locks', {
    kind: 'scatterGather',
    byteLength: MiB,
    direction: 'fromDevice',
    ...large,
  })
  const transfer = { channel: 'c2h1', mode: 'cyclic', byteLength: MiB }
  await server.api<Transfer>(`/dma-sessions/${session.id}/transfers`, transfer)
  return { lease, session }
}

describe('the server as a process', () => {
  it('killed in mid-transfer, claims nothing to be live after a restart, and the lease goes on', async () => {
    const dataFolder = temporaryFolder()
    const first = await startBuiltServer({ dataFolder })
    const { lease, session } = await streamOn(first)
    await first.kill('SIGKILL')

    const second = await startBuiltServer({ dataFolder })
    const after = await second.api<DmaSession>(`/dma-sessions/${session.id}`)
    expect(after).toMatchObject({ state: 'ended', endReason: 'host-restarted' })
    expect(after.transfers).toMatchObject([
      { state: 'failed', failure: { code: 'PINLAB_SERVER_RESTARTED' } },
    ])
    const live = await second.api<{ items: DmaSessionSummary[] }>('/dma-sessions?state=locked')
    expect(live.items).toEqual([])
    const { status } = await second.api<BoardDetail>('/boards/sim0')
    expect(status).toMatchObject({ state: 'leased', lease: { id: lease.id }, sessions: [] })
  })

  it('gives all locked memory back when the lease ends in mid-transfer', async () => {
    const server = await startBuiltServer({ dataFolder: temporaryFolder() })
    const before = server.lockedKiB()
    const { lease } = await streamOn(server)
    expect(server.lockedKiB()).toBe(before + MiB / 1024)
    await server.api(`/leases/${lease.id}/release`, {})
    await expect
      .poll(async () => (await server.api<BoardDetail>('/boards/sim0')).status.state, {
        timeout: 20_000,
      })
      .toBe('ready')
    expect(server.lockedKiB()).toBe(before)
  })

  it('asked to end in mid-transfer, stops, records why, and ends well', async () => {
    const dataFolder = temporaryFolder()
    const first = await startBuiltServer({ dataFolder })
    const { session } = await streamOn(first)
    await first.kill('SIGTERM')
    expect(first.process.exitCode).toBe(0)
    const second = await startBuiltServer({ dataFolder })
    expect(await second.api(`/dma-sessions/${session.id}`)).toMatchObject({
      endReason: 'shutdown',
      transfers: [{ state: 'stopped' }],
    })
  })
})

describe('a start that cannot be', () => {
  it('on a port in use says so in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    const { code, said } = await failToStart({
      dataFolder: temporaryFolder(),
      env: { PINLAB_PORT: String(port) },
    })
    expect([code, said.split('\n').length]).toEqual([1, 1])
    expect(said).toContain('PINLAB_START_PORT_IN_USE')
  })

  // That a folder without the right to write is refused too, the database's own tests ask as nobody.
  it('in a data folder that cannot be made says so in one line', async () => {
    const file = join(temporaryFolder(), 'a-file')
    writeFileSync(file, '')
    const { code, said } = await failToStart({ dataFolder: join(file, 'data') })
    expect([code, said.split('\n').length]).toEqual([1, 1])
    expect(said).toContain('PINLAB_START_DATA_FOLDER')
  })

  it('beside another Pinlab on the same data says so in one line', async () => {
    const dataFolder = temporaryFolder()
    await startBuiltServer({ dataFolder })
    const { code, said } = await failToStart({ dataFolder })
    expect(code).toBe(1)
    expect(said).toContain('PINLAB_START_DATABASE_IN_USE')
  })

  it('with a wrong pinlab.yaml names the field', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'pinlab.yaml'), 'boards: []\n')
    const env = { PINLAB_CONFIG: join(folder, 'pinlab.yaml') }
    const { code, said } = await failToStart({ dataFolder: join(folder, 'data'), env })
    expect(code).toBe(1)
    expect(said).toMatch(/boards .*PINLAB_START_CONFIG/)
  })
})
