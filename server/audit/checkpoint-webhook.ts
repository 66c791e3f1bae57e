// Checkpoints sent to another server.

import type { Clock } from '../clock.ts'
import type { PostTarget } from '../webhook-settings.ts'
import type { CheckpointSink } from './checkpoint-sinks.ts'
import { postSigned } from './signed-post.ts'

export function checkpointWebhook({ name, url, secret }: PostTarget, clock: Clock): CheckpointSink {
  return {
    name,
    async send({ origin, size, at, note }, stopped) {
      const body = JSON.stringify({ origin, size, at: at.toISOString(), note })
      const error = await postSigned({ url, secret, body, now: clock.now(), stopped })
      if (error !== null) throw new Error(error)
    },
  }
}
