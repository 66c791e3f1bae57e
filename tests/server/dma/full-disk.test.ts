// A disk that is full while a capture is written: mounting a small one takes root.

import { readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Capture, CapturePage } from '../../../server/contract/capture.ts'
import { mayMount, mountSmallDisk } from '../../support/small-disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024

it.skipIf(!mayMount())(
  'refuses a capture and keeps nothing of it when the disk is full',
  async () => {
    const dataFolder = temporaryFolder()
    const folder = join(dataFolder, 'captures')
    mountSmallDisk(folder, 6)
    const lab = await openLab({ dataFolder })
    await lab.take()
    const { id } = await lab.lock({ byteLength: 8 * MiB })
    const take = (body: object) => lab.post<Capture>(`/dma-sessions/${id}/captures`, body)
    const before = statfsSync(folder).bfree
    const { status, body } = await take({})
    expect({ status, ...body }).toMatchObject({
      ...{ status: 507, code: 'PINLAB_CAPTURE_DISK', errno: 'ENOSPC' },
    })
    expect(readdirSync(folder)).toEqual([])
    expect(statfsSync(folder).bfree).toBe(before)
    const list = await lab.get<CapturePage>('/captures')
    expect(list.body).toMatchObject({ items: [], quota: { used: 0 } })
    expect((await take({ byteLength: 4 * MiB })).status).toBe(201)
  },
)
