// How a webhook does: in a word and a shape, and in a line of facts. Pure.

import type { Webhook } from '../../../../server/contract/webhook.ts'
import { formatCount, formatDay, formatTime, plural } from '../../../shared/format.ts'
import type { Standing } from '../../../shared/standing.ts'

type Sign = Pick<Standing, 'words' | 'shape' | 'colour'>

export function webhookSign({ failures, behind, lastSuccessAt }: Webhook): Sign {
  if (failures > 0) return { words: 'failing', shape: 'square', colour: '--quarantined' }
  if (behind > 0) return { words: 'behind', shape: 'bar', colour: '--clearing' }
  if (lastSuccessAt === null) return { words: 'unused', shape: 'frame', colour: '--offline' }
  return { words: 'good', shape: 'ring', colour: '--ready' }
}

const when = (time: string) => `${formatDay(time)} ${formatTime(time)}`

export function webhookFacts({ lastSuccessAt, behind, passedOver }: Webhook): string[] {
  return [
    lastSuccessAt === null ? 'told nothing yet' : `last told ${when(lastSuccessAt)}`,
    behind === 0 ? 'nothing waits' : `${plural(behind, 'event')} behind`,
    ...(passedOver === 0 ? [] : [`${formatCount(passedOver)} passed over`]),
  ]
}

/** What goes wrong, or went wrong before it was given up on; null where all is well. */
export function webhookTrouble({ failures, lastError, retryAt }: Webhook): string | null {
  if (failures === 0) return lastError && `Last failure: ${lastError}`
  const again = retryAt === null ? '' : ` Next try at ${formatTime(retryAt)}.`
  return `${plural(failures, 'failure')} in a row: ${lastError ?? 'no reason is known.'}${again}`
}
