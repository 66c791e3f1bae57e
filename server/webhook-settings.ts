// Webhooks as pinlab.yaml names them. Every field is documented in docs/administration.md.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { BoardId } from './contract/schema.ts'
import { WebhookEvent, webhookEvents } from './contract/webhook.ts'
import { PinlabError } from './errors.ts'

const shortestSecret = 16

export const WebhookConfig = Type.Object(
  {
    name: BoardId,
    url: Type.String({ minLength: 1, maxLength: 2000 }),
    secret: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    secretFile: Type.Optional(Type.String({ minLength: 1 })),
    events: Type.Array(WebhookEvent, { minItems: 1, uniqueItems: true, default: webhookEvents }),
    insecure: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
)
type WebhookConfig = Static<typeof WebhookConfig>

export interface WebhookSettings {
  name: string
  url: URL
  /** Signs what is told. */
  secret: string
  events: readonly WebhookEvent[]
}

/** `file` is pinlab.yaml, which paths are relative to. */
export function readWebhook(hook: WebhookConfig, file: string): WebhookSettings {
  const { name, events } = hook
  const wrong = (detail: string) =>
    new PinlabError('PINLAB_START_CONFIG', `${file}: the webhook ${name} ${detail}`)
  if (!URL.canParse(hook.url)) throw wrong('has a url that is none.')
  const url = new URL(hook.url)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong('has a url that is neither https: nor http:.')
  }
  if (url.username || url.password) {
    throw wrong('has a url with a user or password in it. Whoever is told checks the signature.')
  }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLoopback && !hook.insecure) {
    throw wrong(
      'has a url without HTTPS: others on the network can read along. insecure: true allows it.',
    )
  }
  if ((hook.secret === undefined) === (hook.secretFile === undefined)) {
    throw wrong('needs either a secret or a secretFile.')
  }
  const secret = hook.secret ?? readSecret(hook.secretFile ?? '')
  if (secret.length < shortestSecret) {
    throw wrong(`has a secret of less than ${shortestSecret} characters.`)
  }
  return { name, url, secret, events }

  function readSecret(path: string): string {
    try {
      return readFileSync(resolve(dirname(file), path), 'utf8').trim()
    } catch (error) {
      throw wrong(`has a secretFile that cannot be read: ${(error as Error).message}`)
    }
  }
}
