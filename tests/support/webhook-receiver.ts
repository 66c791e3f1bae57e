// Somebody who is told by webhooks: a real server on a port of its own, which answers as the test says.

import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { webhookEvents } from '../../server/contract/webhook.ts'
import type { PostTarget, WebhookSettings } from '../../server/webhook-settings.ts'

export const secret = 'a secret of the tests alone'

export interface Told {
  id: number
  type: string
  at: string
  board: string | null
  actor: string
  detail: Record<string, unknown>
}

export class Receiver {
  readonly told: Told[] = []
  readonly signatures: string[] = []
  readonly bodies: string[] = []
  /** A status, where to be sent on to, or null for no answer at all. */
  answer: number | string | null = 204
  port = 0
  #server: Server | null = null

  async listen(): Promise<this> {
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      this.bodies.push(body)
      this.signatures.push(String(request.headers['pinlab-signature']))
      this.told.push(JSON.parse(body))
      if (typeof this.answer === 'string') {
        response.writeHead(307, { location: this.answer }).end()
      } else if (this.answer !== null) {
        response.writeHead(this.answer).end()
      }
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    onTestFinished(() => this.close())
    return this
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/told`
  }

  get types(): string[] {
    return this.told.map(({ type }) => type)
  }

  hook(more: Partial<WebhookSettings> = {}): WebhookSettings {
    return { ...this.target('chat'), events: webhookEvents, ...more }
  }

  /** As a place for checkpoints. */
  target(name: string): PostTarget {
    return { name, url: new URL(this.url), secret }
  }
}

export const newReceiver = () => new Receiver().listen()

/** As the documents tell receivers to check it. */
export function isSigned(body: string, signature: string, nowMs: number): boolean {
  const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? []
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return mac === expected && Math.abs(Number(seconds) - nowMs / 1000) <= 300
}
