// What came of killing owners: the figures for people, and what is wrong with them.

import type { BoardModel } from '../guest/qemu.ts'
import type { Rest, Takeover } from './owner-messages.ts'

export interface BoardReport {
  board: BoardModel
  /** One for each owner that was killed. */
  takeovers: Takeover[]
  /** Of the last owner, which gave the board back. */
  rest: Rest
}

export interface SoakReport {
  boards: BoardReport[]
  /** Pages that stayed pinned when all was over. */
  pinnedPages: number
}

const MiB = 1024 * 1024
const total = (takeovers: Takeover[], figure: (takeover: Takeover) => number) =>
  takeovers.reduce((sum, takeover) => sum + figure(takeover), 0)

export function describeReport({ boards, pinnedPages }: SoakReport): string {
  const lines = boards.map(({ board, takeovers, rest }) => {
    const range = (figure: 'openMs' | 'idleMs') => {
      const times = takeovers.map((takeover) => Math.round(takeover[figure]))
      return `${Math.min(...times)} to ${Math.max(...times)} ms`
    }
    const canary = total(takeovers, (takeover) => takeover.canaryByteLength) / MiB
    const covered = takeovers.filter(({ coveredByteLength }) => coveredByteLength > 0).length
    return [
      `${board}: ${takeovers.length} killed in mid-transfer,`,
      `engine still at work ${total(takeovers, ({ foundAtWork }) => Number(foundAtWork))} times;`,
      `open after ${range('openMs')}, idle after ${range('idleMs')};`,
      `${canary} MiB watched, ${covered} times where the dead one wrote,`,
      `${total(takeovers, ({ changedByteLength }) => changedByteLength)} bytes changed;`,
      `left at the end: VmLck ${rest.lockedByteLength} bytes, ${rest.openFiles} files`,
    ].join(' ')
  })
  return [...lines, `pages left pinned: ${pinnedPages}`].join('\n')
}

/** Empty when all is well. */
export function complaints({ boards, pinnedPages }: SoakReport): string[] {
  return [
    ...boards.flatMap(({ board, takeovers, rest }) => [
      ...takeovers.flatMap((takeover, killed) =>
        complaintsAbout(takeover).map((text) => `${board}, kill ${killed + 1}: ${text}`),
      ),
      ...(takeovers.some(({ coveredByteLength }) => coveredByteLength > 0)
        ? []
        : [`${board}: no canary lay where a dead owner wrote`]),
      ...(rest.lockedByteLength === 0 ? [] : [`${board}: VmLck is ${rest.lockedByteLength} bytes`]),
      ...(rest.openFiles === 0 ? [] : [`${board}: ${rest.openFiles} files were left open`]),
    ]),
    ...(pinnedPages === 0 ? [] : [`${pinnedPages} pages stayed pinned`]),
  ]
}

function complaintsAbout(takeover: Takeover): string[] {
  const found = []
  if (takeover.changedByteLength > 0) {
    found.push(`${takeover.changedByteLength} bytes of the next owner's memory changed`)
  }
  if (!takeover.isIdle) found.push('the engine was not brought to rest')
  if (!takeover.isHealthy) found.push('the board is not healthy')
  if (takeover.canaryByteLength === 0) found.push('nothing was watched')
  if (takeover.keptByteLength !== 0) found.push(`VmLck kept ${takeover.keptByteLength} bytes`)
  return found
}
