// Webhooks as pinlab.yaml names them, and whatever else is told by signed POST. Every field is documented in docs/administration.md.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { BoardId } from './contract/schema.ts'
import { WebhookEvent, webhookEvents } from './contract/webhook.ts'
import { PinlabError } from './errors.ts'

const shortestSecret = 16

/** An address that is told things, and what they are signed with. */
export const PostTargetConfig = Type.Object(
  {
    name: BoardId,
    url: Type.String({ minLength: 1, maxLength: 2000 }),
    secret: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    secretFile: Type.Optional(Type.String({ minLength: 1 })),
    insecure: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
)
type PostTargetConfig = Static<typeof PostTargetConfig>

export const WebhookConfig = Type.Object(
  {
    ...PostTargetConfig.properties,
    events: Type.Array(WebhookEvent, { minItems: 1, uniqueItems: true, default: webhookEvents }),
  },
  { additionalProperties: false },
)
type WebhookConfig = Static<typeof WebhookConfig>

export interface PostTarget {
  name: string
  url: URL
  /** Signs what is told. */
  secret: string
}

export interface WebhookSettings extends PostTarget {
  events: readonly WebhookEvent[]
}

/** `file` is pinlab.yaml, which paths are relative to. */
export function readWebhook({ events, ...target }: WebhookConfig, file: string): WebhookSettings {
  return { ...readPostTarget(target, { file, what: 'webhook' }), events }
}

/** `what` is what people call it, for errors. */
export function readPostTarget(
  target: PostTargetConfig,
  { file, what }: { file: string; what: string },
): PostTarget {
  const { name } = target
  const wrong = (detail: string) =>
    new PinlabError('PINLAB_START_CONFIG', `${file}: the ${what} ${name} ${detail}`)
  if (!URL.canParse(target.url)) throw wrong('has a url that is none.')
  const url = new URL(target.url)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong('has a url that is neither https: nor http:.')
  }
  if (url.username || url.password) {
    throw wrong('has a url with a user or password in it. Whoever is told checks the signature.')
  }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLoopback && !target.insecure) {
    throw wrong(
      'has a url without HTTPS: others on the network can read along. insecure: true allows it.',
    )
  }
  if ((target.secret === undefined) === (target.secretFile === undefined)) {
    throw wrong('needs either a secret or a secretFile.')
  }
  const secret = target.secret ?? readSecret(target.secretFile ?? '')
  if (secret.length < shortestSecret) {
    throw wrong(`has a secret of less than ${shortestSecret} characters.`)
  }
  return { name, url, secret }

  function readSecret(path: string): string {
    try {
      return readFileSync(resolve(dirname(file), path), 'utf8').trim()
    } catch (error) {
      throw wrong(`has a secretFile that cannot be read: ${(error as Error).message}`)
    }
  }
}
