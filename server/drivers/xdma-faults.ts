// What can go wrong with an XDMA engine, in words. Pure.

import type { FaultKind } from '../contract/board.ts'
import type { DriverError } from './board-driver.ts'
import { boardFault } from './driver-errors.ts'

export interface EngineFault {
  kind: FaultKind
  error: DriverError
}

/** What the error bits of a status word say (PG195 "Channel Status"). */
export function engineFault(status: number): EngineFault {
  const what =
    status & 0x10
      ? 'a descriptor without the magic number'
      : status & 0x00f8_0000
        ? 'a descriptor fetch that the host refused'
        : status & 0x0007_c000
          ? 'a write that the card refused'
          : status & 0x3e00
            ? 'a read that was refused'
            : 'a length or an alignment that the channel does not take'
  return {
    kind: 'engine',
    error: boardFault(`The engine stopped at ${what} (status 0x${status.toString(16)}).`),
  }
}

/** Idle, though no descriptor that stops was finished and nobody asked it to stop. */
export function shortRun(done: number, wanted: number): EngineFault {
  return {
    kind: 'short',
    error: boardFault(`The engine was idle after ${done} of ${wanted} bytes, without an error.`),
  }
}
