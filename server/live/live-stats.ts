// What the live feature counts, for /metrics.

export interface LiveStats {
  /** Open now. */
  connections: number
  views: number
  /** Since the start. */
  framesSent: number
  /** Made, but replaced by a newer one before the viewer had room. */
  framesSkipped: number
  /** Bytes of frames handed to sockets. */
  bytesSent: number
}

export function newLiveStats(): LiveStats {
  return { connections: 0, views: 0, framesSent: 0, framesSkipped: 0, bytesSent: 0 }
}
