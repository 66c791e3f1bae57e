// How fast transfers are and when they last came on, from what is told of them now and then. Times are ms, the server's.

import type { Transfer } from '../../server/contract/dma-session.ts'
import { RateMeter } from './rate-meter.ts'
import { Throughput } from './throughput.ts'

interface Running {
  meter: RateMeter
  toldAt: number
  /** Null while it is only known how far it had come. */
  grewAt: number | null
}

export class ChannelFigures {
  readonly #running = new Map<string, Running>()
  readonly #throughputs = new Map<string, Throughput>()

  clear(): void {
    this.#running.clear()
    this.#throughputs.clear()
  }

  /** `known`: what was told of it before. */
  add(
    key: string,
    transfer: Transfer,
    { now, known }: { now: number; known: Transfer | undefined },
  ): void {
    const before = this.#running.get(key)
    const bytes = transfer.bytesCompleted - (known?.bytesCompleted ?? 0)
    const from = before?.toldAt ?? Date.parse(transfer.startedAt)
    const to = transfer.endedAt === null ? now : Date.parse(transfer.endedAt)
    this.throughput(transfer.channel).add({ from, to, bytes })
    if (transfer.state !== 'running') return void this.#running.delete(key)
    const meter = before?.meter ?? new RateMeter()
    meter.add(now, transfer.bytesCompleted)
    const grewAt = known && bytes > 0 ? now : (before?.grewAt ?? null)
    this.#running.set(key, { meter, toldAt: now, grewAt })
  }

  rate(key: string, now: number): number | null {
    return this.#running.get(key)?.meter.perSecond(now) ?? null
  }

  sinceGrowth(key: string, now: number): number | null {
    const grewAt = this.#running.get(key)?.grewAt ?? null
    return grewAt === null ? null : Math.max(0, now - grewAt)
  }

  throughput(channel: string): Throughput {
    const known = this.#throughputs.get(channel) ?? new Throughput()
    this.#throughputs.set(channel, known)
    return known
  }
}
