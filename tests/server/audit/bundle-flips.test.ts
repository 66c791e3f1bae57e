// Whichever byte of a bundle is changed, both verifiers see it.

import { expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { askPython, type Flip, judge, judgeFlips } from '../../support/audit-verifiers.ts'
import { requireProgram } from '../../support/requirements.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab } from '../../support/test-lab.ts'

const hasPython =
  requireProgram({ names: ['python3'], install: 'apt-get install -y python3' }) !== null
const seed = 0x9e3779b9
const nameByteLength = 100

/** Of a log with so many events, the last of them that of the export. */
async function bundleOf(count: number): Promise<Buffer> {
  const lab = await openLab()
  for (;;) {
    const left = count - 1 - (await lab.database.reader.auditEvent.count())
    if (left === 0) break
    await lab.database.write(async (tx) => {
      const some = Math.min(left, 200)
      for (let n = 0; n < some; n++) await record(tx, { type: 'board.fault', actor: 'system' })
    })
    await lab.clock.advance(20_000)
  }
  const { bytes } = await lab.get('/audit/export')
  expect(judge({ bundle: bytes })).toMatchObject({ code: 0, proved: { events: count } })
  return bytes
}

/** xorshift32: the same list at each run. */
function* randomFlips(byteLength: number, count: number): Generator<Flip> {
  let state = seed
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let n = 0; n < count; n++) yield [next() % byteLength, 1 + (next() % 255)]
}

/** A change of the first name makes it another file; any other is tampering. */
const expected = (flips: readonly Flip[]) =>
  flips.map(([position]) => (position < nameByteLength ? 2 : 1)).join('')

it('each byte of a bundle of ten events', async () => {
  const bundle = await bundleOf(10)
  const flips = Array.from(bundle, (_, position): Flip => [position, 1 << (position % 8)])
  expect(judgeFlips(bundle, flips)).toBe(expected(flips))
  if (!hasPython) return
  expect(await askPython(temporaryFolder(), [{ bundle, flips }])).toEqual([expected(flips)])
}, 240_000)

it('2,000 bytes of a bundle of a thousand events', async () => {
  const bundle = await bundleOf(1000)
  const flips = [...randomFlips(bundle.length, 2000)]
  expect(judgeFlips(bundle, flips)).toBe(expected(flips))
  if (!hasPython) return
  expect(await askPython(temporaryFolder(), [{ bundle, flips }])).toEqual([expected(flips)])
}, 480_000)
