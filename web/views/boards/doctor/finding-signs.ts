// How a finding stands: in a word, a shape and a colour.

import type { FindingStatus } from '../../../../server/contract/doctor.ts'
import type { Standing } from '../../../shared/standing.ts'

export const findingSigns: Record<FindingStatus, Pick<Standing, 'words' | 'shape' | 'colour'>> = {
  good: { words: 'good', shape: 'ring', colour: '--ready' },
  mend: { words: 'to mend', shape: 'square', colour: '--quarantined' },
  advice: { words: 'advice', shape: 'bar', colour: '--clearing' },
  unknown: { words: 'unknown', shape: 'frame', colour: '--offline' },
}
