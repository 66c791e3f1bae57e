import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import type { LiveClient } from '../../support/live-client.ts'
import { LiveLab, newStatus } from '../../support/live-lab.ts'

let lab: LiveLab
let client: LiveClient
beforeEach(async () => {
  lab = await LiveLab.open()
  client = await lab.connect()
})
afterEach(() => lab.close())

const session = '0b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f10'

function setState(state: 'ready' | 'leased' | 'clearing'): void {
  lab.statuses.set('sim0', { ...newStatus('sim0'), state })
  lab.boardChanged('sim0')
}

function transfer(n: number, changes: Partial<Transfer> = {}): Transfer {
  return { n, state: 'running', bytesCompleted: 0, ...changes } as Transfer
}

async function watch(of: LiveClient, id = 1): Promise<void> {
  of.send({ op: 'watch', id, board: 'sim0' })
  await of.message('event', id)
}

const states = (of: LiveClient, id = 1) =>
  of.events(id).flatMap((event) => (event.type === 'board' ? [event.status.state] : []))
const transfers = (of: LiveClient, id = 1) =>
  of.events(id).flatMap((event) => (event.type === 'transfer' ? [event.transfer] : []))

describe('a watch', () => {
  it('is answered, then told the status as it is, then each change', async () => {
    await watch(client)
    expect(client.messages.slice(1).map(({ op }) => op)).toEqual(['watching', 'event'])
    setState('leased')
    await client.settled()
    expect(states(client)).toEqual(['ready', 'leased'])
  })

  it('gets at most ten a second, and always the last', async () => {
    await watch(client)
    for (let change = 0; change < 19; change += 1) {
      setState(change % 2 === 0 ? 'leased' : 'clearing')
      await client.settled()
    }
    setState('ready')
    await lab.timers.advance(100)
    await client.settled()
    expect(states(client)).toEqual(['ready', 'leased', 'ready'])
  })

  it('is read once however many watch', async () => {
    const others = await Promise.all([lab.connect(), lab.connect()])
    for (const each of [client, ...others]) await watch(each)
    const before = lab.statusReads
    setState('leased')
    await expect.poll(() => others.every((other) => states(other).length === 2)).toBe(true)
    expect(lab.statusReads).toBe(before + 1)
  })

  it('does not miss a change that comes while its first status is read', async () => {
    let open = () => {}
    lab.statusGate = new Promise((resolve) => {
      open = resolve
    })
    client.send({ op: 'watch', id: 1, board: 'sim0' })
    await expect.poll(() => lab.statusReads).toBe(1)
    setState('leased')
    await client.settled()
    open()
    await client.message('event', 1)
    await lab.timers.advance(100)
    await client.settled()
    expect(states(client)).toEqual(['ready', 'leased'])
  })

  it('is told nothing of other boards, and nothing after it is closed', async () => {
    await watch(client)
    lab.statuses.set('sim1', newStatus('sim1'))
    lab.boardChanged('sim1')
    client.send({ op: 'close', id: 1 })
    expect(await client.message('closed', 1)).toMatchObject({ reason: 'closed-by-client' })
    setState('leased')
    await client.settled()
    expect(states(client)).toEqual(['ready'])
  })

  it('of an unknown board is refused and its number stays free', async () => {
    client.send({ op: 'watch', id: 1, board: 'nothing' })
    expect(await client.codeOf(1)).toBe('PINLAB_BOARD_UNKNOWN')
    await watch(client, 1)
  })
})

describe('transfers of a watched board', () => {
  it('come at most ten a second for each, and their end always', async () => {
    await watch(client)
    for (let step = 1; step <= 50; step += 1) {
      lab.transferChanged('sim0', session, transfer(1, { bytesCompleted: step }))
      lab.transferChanged('sim0', session, transfer(2, { bytesCompleted: step }))
      await lab.timers.advance(5)
    }
    lab.transferChanged('sim0', session, transfer(1, { state: 'done', bytesCompleted: 51 }))
    await lab.timers.advance(200)
    await client.settled()
    const first = transfers(client).filter(({ n }) => n === 1)
    expect(first.length).toBeLessThanOrEqual(5)
    expect(first.at(0)).toMatchObject({ bytesCompleted: 1 })
    expect(first.at(-1)).toMatchObject({ state: 'done', bytesCompleted: 51 })
    expect(transfers(client).findLast(({ n }) => n === 2)).toMatchObject({ bytesCompleted: 50 })
    expect(lab.timers.pending).toBe(1)
  })

  it('name their session, and go only to those who watch the board', async () => {
    const other = await lab.connect()
    await watch(client)
    lab.transferChanged('sim0', session, transfer(1))
    lab.transferChanged('sim1', session, transfer(9))
    await client.settled()
    await other.settled()
    expect(client.events(1).at(-1)).toMatchObject({ type: 'transfer', session, transfer: { n: 1 } })
    expect(other.messages.some(({ op }) => op === 'event')).toBe(false)
    expect(transfers(client)).toHaveLength(1)
  })
})
