// A disk that is full while a capture is written: mounting a small one takes root.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Capture, CapturePage } from '../../../server/contract/capture.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024

function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    console.warn('skipped: nothing can be mounted here, so no disk is full')
    return false
  }
}

function smallDisk(folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder])
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder])
  })
}

it.skipIf(!mayMount())(
  'refuses a capture and keeps nothing of it when the disk is full',
  async () => {
    const dataFolder = temporaryFolder()
    const folder = join(dataFolder, 'captures')
    smallDisk(folder)
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
