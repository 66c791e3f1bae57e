// How the bench is looked at: every choice of its views that is worth finding again.

import type { BytesView, WaveView } from '../../server/contract/bench-views.ts'

const usualWave: WaveView = {
  shape: 'wave',
  format: null,
  channels: null,
  samples: null,
  fit: false,
}
const usualBytes: BytesView = { groupSize: 2, littleEndian: true, follow: true, offset: 0 }

export class BenchViews {
  /** The lock that was chosen; null for the newest. */
  lock = $state<string | null>(null)
  readonly wave = $state({ ...usualWave })
  readonly bytes = $state({ ...usualBytes })
}
