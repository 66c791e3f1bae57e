// kill -9 at random moments under load: nothing that was acknowledged is lost, and nothing is there that nobody asked for.

import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { openLab } from '../support/test-lab.ts'
import { describeReport, killAgainAndAgain } from './killed-record/kill-loop.ts'
import { Ledger } from './killed-record/ledger.ts'
import { Oracle } from './killed-record/oracle.ts'

const kills = 25
const seed = Number(process.env.PINLAB_KILL_SEED ?? 1)

it(`after ${kills} kills in the midst of work, the log and the state are what was acknowledged`, async () => {
  const report = await killAgainAndAgain(kills, seed)
  console.log(describeReport(report))
  expect(report).toMatchObject({ complaints: [], kills, lost: 0, invented: 0 })
  expect(report.acknowledged).toBeGreaterThan(kills)
}, 1_200_000)

it('who judges that finds what is lost, what is invented, and what is live', async () => {
  const dataFolder = temporaryFolder()
  const lab = await openLab({ dataFolder })
  const { id: lease } = await lab.take()
  const { id } = await lab.lock({ label: 'one' })
  const other = await lab.lock({ label: 'other' })
  await lab.post(`/dma-sessions/${id}/unlock`)
  const ledger = new Ledger()
  const said = (name: string, ofServer = '') => {
    ledger.asked.add(name)
    ledger.acknowledged.set(name, ofServer)
  }
  said('take 1', lease)
  said('lock one', id)
  said(`unlock ${other.id}`)
  said('fill 7')
  const oracle = new Oracle(dataFolder, ledger)
  expect(() => oracle.look()).toThrow(other.id)

  await lab.post(`/dma-sessions/${other.id}/unlock`)
  const judge = new Oracle(dataFolder, ledger)
  judge.look()
  expect(judge.figures).toMatchObject({ lost: 2, invented: 2 })
  expect(judge.complaints).toEqual([
    'nobody asked for: lock other',
    `nobody asked for: unlock ${id}`,
    'acknowledged, and not in the log: fill 7',
    `the session of lock one is ${JSON.stringify({ state: 'ended', endReason: 'unlocked' })}`,
  ])
})
