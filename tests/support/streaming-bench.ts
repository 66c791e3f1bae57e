// The Bench of a simulated digitizer that streams into a ring, open in a browser: what pages are measured by.

import type { Page } from 'playwright-core'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import { callApi, type ServerAccess } from './call-api.ts'
import type { FirstPerson } from './first-person.ts'
import { signIn } from './launched-browser.ts'

const KiB = 1024
/** Of the wave that the Bench shows without being asked for another: 4,096 samples of two channels. */
const blockByteLength = 16 * KiB
const ringByteLength = 1024 * KiB

export interface StreamingLab {
  url: string
  person: FirstPerson
}

/** Takes sim0 and starts a cyclic transfer of its ADC, at this many frames a second. */
export async function streamAdc({ url, person }: StreamingLab, rate: number): Promise<DmaSession> {
  const access: ServerAccess = { url, token: person.token }
  const ask = <T>(path: string, body: object) => callApi<T>(access, path, body)
  await ask('/boards/sim0/lease', {})
  await ask('/boards/sim0/register-operations', { operations: [setAdcRate(rate)] })
  const session = await ask<DmaSession>('/boards/sim0/locks', {
    ...{ kind: 'contiguous', byteLength: ringByteLength, direction: 'fromDevice' },
    ...{ options: [], label: 'stream' },
  })
  const { state } = await ask<Transfer>(`/dma-sessions/${session.id}/transfers`, {
    ...{ channel: 'c2h1', mode: 'cyclic', offset: 0, byteLength: ringByteLength, blockByteLength },
  })
  if (state !== 'running') throw new Error(`the transfer is ${state}`)
  return session
}

export const setAdcRate = (rate: number) => ({
  ...{ op: 'write', register: 'ADC_RATE', value: `0x${rate.toString(16)}` },
})

/** Resolves when the wave is live. */
export async function goToBench(page: Page, lab: StreamingLab): Promise<void> {
  await signIn(page.context(), lab)
  await page.goto(`${lab.url}/boards/sim0`)
  const wave = page.getByRole('region', { name: 'Wave' })
  await wave.getByText(/live [1-9]\d* fps/).waitFor()
}
