import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LiveLab } from '../../support/live-lab.ts'

let lab: LiveLab
beforeEach(async () => {
  lab = await LiveLab.open()
})
afterEach(() => lab.close())

describe('when the server stops', () => {
  it('views and watches are closed with the reason, and the socket with 1001', async () => {
    const client = await lab.connect()
    client.send({ op: 'view', id: 1, session: lab.lock(16), kind: 'bytes', byteLength: 16 })
    client.send({ op: 'watch', id: 2, board: 'sim0' })
    await client.frame()
    await client.message('event', 2)
    await lab.close()
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'server-stopping' })
    expect(await client.message('closed', 2)).toMatchObject({ reason: 'server-stopping' })
    expect((await client.end()).code).toBe(1001)
    expect(lab.host.closed).toEqual([1])
    expect(lab.timers.pending).toBe(0)
    expect(lab.stats).toMatchObject({ connections: 0, views: 0 })
  })

  it('it does not wait for a client that does not answer', async () => {
    const client = await lab.connect()
    client.socket.pause()
    await lab.close()
    expect(lab.stats.connections).toBe(0)
    client.socket.terminate()
  })
})

describe('the heartbeat', () => {
  it('ends a socket whose other side is silent, and leaves the others', async () => {
    const [dead, alive] = [await lab.connect(), await lab.connect()]
    dead.socket.pause()
    await lab.timers.advance(30_000)
    await alive.settled()
    expect(lab.stats.connections).toBe(2)
    await lab.timers.advance(30_000)
    await expect.poll(() => lab.stats.connections).toBe(1)
    await alive.settled()
    expect(alive.closed).toBeNull()
    dead.socket.terminate()
  })
})
