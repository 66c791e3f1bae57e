// What /metrics tells of the features.

import type { Dma } from '../dma/dma.ts'
import type { LiveStats } from '../live/live-stats.ts'
import type { Measured } from '../plugins/metrics.ts'
import type { BoardStatuses } from './board-status.ts'

export function measure(dma: Dma, statuses: BoardStatuses, live: LiveStats): Measured {
  const lockedBytes = async () => {
    const sessions = await dma.liveSessions()
    return sessions.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }
  const leased = async () => (await statuses.list()).filter(({ status }) => status.lease).length
  return {
    gauges: {
      pinlab_locked_bytes: { help: 'Bytes locked for DMA now', read: lockedBytes },
      pinlab_locks: { help: 'DMA locks now', read: async () => (await dma.liveSessions()).length },
      pinlab_leases: { help: 'Boards that somebody has now', read: leased },
      pinlab_live_connections: { help: 'Open live sockets', read: () => live.connections },
      pinlab_live_views: { help: 'Open views', read: () => live.views },
    },
    totals: {
      pinlab_live_frames_sent_total: {
        help: 'Frames handed to sockets',
        read: () => live.framesSent,
      },
      pinlab_live_frames_skipped_total: {
        help: 'Frames that slow viewers did not get',
        read: () => live.framesSkipped,
      },
      pinlab_live_bytes_sent_total: {
        help: 'Bytes of frames handed to sockets',
        read: () => live.bytesSent,
      },
    },
  }
}
