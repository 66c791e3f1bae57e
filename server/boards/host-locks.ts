// The locks that the host holds, by DMA session.

import { allocatePages, type DmaLock, freePages } from '../../native/index.ts'
import { addressWidthOf, dmaOptions, optionBits, optionNames } from '../contract/dma-options.ts'
import { recordedPages } from '../contract/limits.ts'
import { PinlabError } from '../errors.ts'
import type { HostLock, HostLockRequest } from './device-host.ts'
import type { HeldLock } from './held-lock.ts'
import { coded } from './host-errors.ts'
import type { OpenBoard } from './open-board.ts'

const mostRemembered = 4096

export class HostLocks {
  readonly #held = new Map<string, HeldLock>()
  /** By handle, oldest first: also ended ones, since boards may still try to reach them. */
  readonly #lockIds = new Map<number, string>()
  /** Locks that are being made, by board: an ending lease waits for them. */
  readonly #pending = new Map<string, Set<Promise<unknown>>>()

  get(lockId: string): HeldLock | undefined {
    return this.#held.get(lockId)
  }

  require(lockId: string): HeldLock {
    const held = this.#held.get(lockId)
    if (held) return held
    throw new PinlabError(
      'PINLAB_SESSION_NOT_LOCKED',
      'The memory of this DMA session is not locked any more. Lock memory again.',
      { wdStatus: 'WD_OPERATION_ALREADY_DONE' },
    )
  }

  ofBoard(board: string): HeldLock[] {
    return [...this.#held.values()].filter((held) => held.board.id === board)
  }

  /** The lock that has or had this handle. */
  idOf(handle: number): string | undefined {
    return this.#lockIds.get(handle)
  }

  get all(): HeldLock[] {
    return [...this.#held.values()]
  }

  async lock(board: OpenBoard, request: HostLockRequest): Promise<HostLock> {
    const making = this.#make(board, request)
    const pending = this.#pending.get(board.id) ?? new Set()
    this.#pending.set(board.id, pending.add(making))
    try {
      return await making
    } finally {
      pending.delete(making)
    }
  }

  async #make(board: OpenBoard, request: HostLockRequest): Promise<HostLock> {
    const lock = await coded(() => lockMemory(board, request))
    this.#remember(lock.handle, request.lockId)
    this.#held.set(request.lockId, {
      lockId: request.lockId,
      board,
      lock,
      transfers: new Map(),
      latest: null,
    })
    return {
      direction: lock.direction,
      options: optionNames(lock.options),
      addressWidth: addressWidthOf(lock.options),
      addressKind: lock.addressKind,
      pageCount: lock.pages.length,
      pages: lock.pages.slice(0, recordedPages).map(({ address, byteLength }) => ({
        address: `0x${address.toString(16)}`,
        byteLength,
      })),
    }
  }

  #remember(handle: number, lockId: string): void {
    this.#lockIds.set(handle, lockId)
    const [oldest] = this.#lockIds.keys()
    if (oldest !== undefined && this.#lockIds.size > mostRemembered) this.#lockIds.delete(oldest)
  }

  async unlock(lockId: string): Promise<void> {
    const held = this.require(lockId)
    const { lock } = held
    const memory = lock.userBytes
    await coded(() => lock.unlock())
    this.#held.delete(lockId)
    freeOwnMemory(lock, memory)
  }

  /** The board's card was closed, and its locks with it. */
  forget(board: string): void {
    for (const { lockId, lock } of this.ofBoard(board)) {
      this.#held.delete(lockId)
      freeOwnMemory(lock, lock.userBytes)
    }
  }

  /** Waits until no lock of the board is being made. */
  async settle(board: string): Promise<void> {
    await Promise.allSettled(this.#pending.get(board) ?? [])
  }
}

/** Contiguous memory went with the lock; scatter/gather memory is ours, the session's. */
function freeOwnMemory({ kind }: DmaLock, memory: Uint8Array): void {
  if (kind === 'scatterGather') freePages(memory)
}

async function lockMemory({ card }: OpenBoard, request: HostLockRequest): Promise<DmaLock> {
  const { kind, byteLength, direction, maxPages, owner } = request
  const options = {
    options: optionBits(request.options, request.addressWidth),
    owner,
    ...(direction ? { direction } : {}),
    ...(maxPages === undefined ? {} : { maxPages }),
  }
  if (options.options & dmaOptions.KERNEL_ONLY_MAP) {
    // Data, views and captures of a session all read the user mapping.
    throw new PinlabError(
      'PINLAB_LOCK_NOT_IMPLEMENTED',
      'With KERNEL_ONLY_MAP a DMA session would have no bytes to show. Lock without it.',
      { wdStatus: 'WD_NOT_IMPLEMENTED' },
    )
  }
  if (kind === 'contiguous') {
    return card.lockContiguous(byteLength, {
      ...options,
      options: options.options | dmaOptions.KERNEL_BUFFER_ALLOC,
    })
  }
  // Whole pages of their own, so that the board never sees a neighbour's bytes.
  const memory = allocatePages(byteLength)
  try {
    return await card.lockScatterGather(memory, options)
  } catch (error) {
    freePages(memory)
    throw error
  }
}
