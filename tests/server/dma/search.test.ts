// Search in a lock's memory over HTTP. What is found in a part is compared with a plain search in tests/native/find.test.ts.

import { beforeAll, expect, it } from 'vitest'
import type { DataSearchResult } from '../../../server/contract/data-search.ts'
import { sharedLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024
/** The host searches parts of 16 MiB. */
const size = 17 * MiB
const lab = sharedLab({ limits: { lockedByteLengthPerBoard: 32 * MiB } })
let session: string

beforeAll(async () => {
  await lab().take()
  session = (await lab().lock({ byteLength: size })).id
  for (const offset of [8, 16 * MiB - 2, size - 4]) {
    const octets = { 'content-type': 'application/octet-stream' }
    const url = `/dma-sessions/${session}/data?offset=${offset}`
    await lab().send('PUT', url, Buffer.from('cafebabe', 'hex'), octets)
  }
}, 60_000)

const search = async (asked: object) =>
  (await lab().post<DataSearchResult>(`/dma-sessions/${session}/search`, asked)).body

it('finds bytes from the start to the end of the lock, across its parts', async () => {
  const matches = [8, 16 * MiB - 2, size - 4]
  expect(await search({ bytes: 'CAFEbabe' })).toEqual({ matches, next: null })
})

it('begins where it is told, and says where to go on', async () => {
  const first = await search({ bytes: 'cafebabe', offset: 9, limit: 1 })
  expect(first).toEqual({ matches: [16 * MiB - 2], next: 16 * MiB - 1 })
  const rest = await search({ bytes: 'cafebabe', offset: first.next })
  expect(rest).toEqual({ matches: [size - 4], next: null })
})

it('goes backward', async () => {
  const asked = { bytes: 'cafebabe', backward: true }
  const first = await search({ ...asked, offset: 0xffff_ffff, limit: 2 })
  expect(first).toEqual({ matches: [size - 4, 16 * MiB - 2], next: 16 * MiB - 3 })
  expect(await search({ ...asked, offset: first.next })).toEqual({ matches: [8], next: null })
})

it('heeds a mask and an alignment', async () => {
  const { matches } = await search({ bytes: 'c000ba', mask: 'f000ff', alignment: 4 })
  expect(matches).toEqual([8, size - 4])
})

it.each([
  { bytes: '' },
  { bytes: 'abc' },
  { bytes: 'zz' },
  { bytes: '00'.repeat(257) },
  { bytes: '0000', mask: 'ff' },
  { bytes: '00', limit: 1001 },
  { bytes: '00', alignment: 0 },
])('%j is refused', async (asked) => {
  expect(await search(asked)).toMatchObject({ code: 'PINLAB_REQUEST_INVALID' })
})

it('needs memory that is locked', async () => {
  const other = (await lab().lock({ byteLength: 4096 })).id
  await lab().post(`/dma-sessions/${other}/unlock`)
  const answer = await lab().post(`/dma-sessions/${other}/search`, { bytes: '00' })
  expect(answer.body).toMatchObject({ code: 'PINLAB_SESSION_NOT_LOCKED' })
})
