// All places that checkpoints of this lab go to.

import type { CheckpointTargets } from '../checkpoint-settings.ts'
import type { Clock } from '../clock.ts'
import { checkpointFile } from './checkpoint-file.ts'
import type { CheckpointSink } from './checkpoint-sinks.ts'
import { checkpointSyslog } from './checkpoint-syslog.ts'
import { checkpointWebhook } from './checkpoint-webhook.ts'

export function checkpointSinks({
  dataFolder,
  checkpoints: { webhooks, syslog },
  clock,
}: {
  dataFolder: string
  checkpoints: CheckpointTargets
  clock: Clock
}): CheckpointSink[] {
  return [
    checkpointFile(dataFolder),
    ...webhooks.map((target) => checkpointWebhook(target, clock)),
    ...syslog.map(checkpointSyslog),
  ]
}
