import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crossingAhead, frameFlags } from '../../../server/contract/frame.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { LiveLab } from '../../support/live-lab.ts'

let lab: LiveLab
beforeEach(async () => {
  lab = await LiveLab.open()
})
afterEach(() => lab.close())

async function open(client: LiveClient, view: { id: number }): Promise<number> {
  client.send(view)
  return (await client.message('opened', view.id)).stream
}

describe('a view with a trigger', () => {
  const waveView = (id: number, session: string) => ({
    op: 'view',
    id,
    session,
    kind: 'wave',
    byteLength: 256,
    trigger: { level: 5, mode: 'normal' },
  })

  it('says in each frame that it was triggered, and where between two samples', async () => {
    lab.host.triggerAhead = 0.75
    const client = await lab.connect()
    await open(client, waveView(1, lab.lock(256)))
    const { flags } = await client.frame()
    expect(flags & 0xffff).toBe(frameFlags.triggered)
    expect(crossingAhead(flags)).toBe(0.75)
    expect(lab.host.opened[0]?.trigger).toEqual({
      channel: 0,
      level: 5,
      edge: 'rising',
      hysteresis: 0,
      holdOff: 0,
      position: 0.5,
      mode: 'normal',
    })
  })

  it('makes no frame while there is no trigger, and the next one as soon as there is', async () => {
    lab.host.waiting = true
    const session = lab.lock(256)
    const client = await lab.connect()
    const stream = await open(client, waveView(1, session))
    await lab.beat()
    await client.settled()
    expect(client.frames).toHaveLength(0)
    lab.host.waiting = false
    lab.host.triggerAhead = 0
    await lab.beat()
    const first = await client.frame()
    client.ack(stream, first.seq)
    lab.host.waiting = true
    lab.fill(session, 9)
    await lab.beat()
    await client.settled()
    expect(client.frames).toHaveLength(1)
  })

  it('tells at once when an equal picture is no longer a triggered one', async () => {
    lab.host.triggerAhead = 0.5
    const client = await lab.connect()
    const stream = await open(client, waveView(1, lab.lock(256)))
    client.ack(stream, (await client.frame()).seq)
    await client.settled()
    lab.host.triggerAhead = null
    await lab.beat()
    expect((await client.frame()).flags).toBe(frameFlags.unchanged)
  })

  it('keeps what it showed in the last frame', async () => {
    lab.host.triggerAhead = 0.5
    const session = lab.lock(256)
    const client = await lab.connect()
    const stream = await open(client, waveView(1, session))
    client.ack(stream, (await client.frame()).seq)
    await client.settled()
    lab.unlock(session)
    await lab.beat()
    const { flags } = await client.frame()
    expect(flags & frameFlags.last).toBe(frameFlags.last)
    expect(crossingAhead(flags)).toBe(0.5)
  })
})
