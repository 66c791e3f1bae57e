// The live socket of a lab under test, on a real port.

import type { AddressInfo } from 'node:net'
import { LiveClient } from './live-client.ts'
import type { TestLab } from './test-lab.ts'

/** `host:port`; the lab listens from the first call on. */
export async function listen({ app }: TestLab): Promise<string> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

export async function connectLive(
  lab: TestLab,
  access: { token?: string; headers?: Record<string, string> } = lab.person,
): Promise<LiveClient> {
  return LiveClient.connect(`ws://${await listen(lab)}/api/v1/live`, access)
}
