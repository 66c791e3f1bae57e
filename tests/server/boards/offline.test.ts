import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardSummary } from '../../../server/contract/overview.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { digitizer, openLab } from '../../support/test-lab.ts'

describe('a board that cannot be opened', () => {
  it('is offline and says why, and the others work', async () => {
    const noWav = join(temporaryFolder(), 'notes.wav')
    writeFileSync(noWav, 'this is no recording')
    const broken = { ...digitizer, id: 'broken', config: { ...digitizer.config, recording: noWav } }
    const undriven = { ...digitizer, id: 'undriven', driver: 'magic' }
    const lab = await openLab({ boards: [broken, undriven, digitizer] })
    const { body } = await lab.get<{ items: BoardSummary[] }>('/boards')
    expect(body.items.map(({ id, status }) => [id, status.state])).toEqual([
      ['broken', 'offline'],
      ['undriven', 'offline'],
      ['sim0', 'ready'],
    ])
    expect(body.items[0]?.status.stateReason).toContain('notes.wav')
    expect((await lab.post('/boards/broken/lease')).body.code).toBe('PINLAB_BOARD_NOT_READY')
    expect((await lab.post('/boards/sim0/lease')).status).toBe(201)
  })
})
