// How somebody looks at a board: kept for them and that board alone.

import { expect, it } from 'vitest'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { addTestPerson } from '../../support/people.ts'
import { browserOf } from '../../support/test-browser.ts'
import { openLab } from '../../support/test-lab.ts'

useCheapHashes()

it('keeps the views of a board for one person, and refuses what are none', async () => {
  const lab = await openLab()
  const browser = await browserOf(lab.app, lab.person)
  const other = await browserOf(lab.app, await addTestPerson(lab.database, 'viewer'))
  const path = (board: string) => `/me/boards/${board}/views`
  const views = async (who = browser) => (await who.send('GET', path('sim0'))).body
  const keep = (wanted: object, board = 'sim0') => browser.send('PUT', path(board), wanted)

  expect(await views()).toEqual({})
  const wanted = { wave: { shape: 'spectrum' }, bytes: { groupSize: 4 }, folded: ['Registers'] }
  expect((await keep(wanted)).status).toBe(204)
  expect(await views()).toEqual(wanted)
  const fewer = { wave: { fit: true } }
  await keep(fewer)
  expect(await views()).toEqual(fewer)
  expect(await views(other)).toEqual({})

  const wrong = await keep({ wave: { shape: 'sphere' } })
  expect(wrong).toMatchObject({ status: 400, body: { code: 'PINLAB_REQUEST_INVALID' } })
  expect((await keep({}, 'none')).body).toMatchObject({ code: 'PINLAB_BOARD_UNKNOWN' })
})
