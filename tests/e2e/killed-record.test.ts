// kill -9 at random moments under load: nothing that was acknowledged is lost, and nothing is there that nobody asked for.

import { expect, it } from 'vitest'
import { describeReport, killAgainAndAgain } from './killed-record/kill-loop.ts'

const kills = 25
const seed = Number(process.env.PINLAB_KILL_SEED ?? 1)

it(`after ${kills} kills in the midst of work, the log and the state are what was acknowledged`, async () => {
  const report = await killAgainAndAgain(kills, seed)
  console.log(describeReport(report))
  expect(report).toMatchObject({ complaints: [], kills, lost: 0, invented: 0 })
  expect(report.acknowledged).toBeGreaterThan(kills)
}, 600_000)
