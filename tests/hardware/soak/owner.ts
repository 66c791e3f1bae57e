// A process that owns a board, through the driver that the server uses, and waits to be killed in mid-transfer. Arguments: the kind of
// board and its PCI address.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Card, type DmaError, openCard } from '../../../native/index.ts'
import { drivers } from '../../../server/drivers/registry.ts'
import type { BoardModel } from '../guest/qemu.ts'
import { beginWork, isAtWork, isResetByKernel, type Work } from './board-work.ts'
import { addressWidth, Canary } from './canary.ts'
import type { AddressRange, FromOwner, Takeover, ToOwner } from './owner-messages.ts'

const [board, address] = process.argv.slice(2) as [BoardModel, string]
/** A DMA that is under way when the board is opened has landed by then, or never does. */
const landedMs = 300

const canary = await Canary.make()
const filesBefore = openFiles()
let card: Card | undefined
let work: Work | undefined

// Whoever would kill it is gone.
process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToOwner) => {
  if (message.ask === 'open') void take(message.lockedBefore)
  else if (message.ask === 'begin') void work?.begun().then(() => tell({ tell: 'begun' }))
  else void giveBack()
})
tell({ tell: 'ready' })

async function take(lockedBefore: AddressRange[]): Promise<void> {
  const askedAt = performance.now()
  const passed = () => performance.now() - askedAt
  card = await openWhenFree()
  const openMs = passed()
  const foundAtWork = isAtWork(board, card)
  // Laid out before the driver switches bus mastering on, which is when what was left at work could reach it.
  await canary.layOut(card, lockedBefore)
  const { byteLength: canaryByteLength } = canary
  const coveredByteLength = canary.covered(lockedBefore)
  const driver = drivers[board]?.create(card, { writable: false })
  if (!driver) throw new Error(`there is no driver ${board}`)
  await driver.identify()
  const idleMs = passed()
  const isIdle = !(isResetByKernel(board) ? foundAtWork : isAtWork(board, card))
  const { ok: isHealthy } = await driver.healthCheck()
  await delay(landedMs)
  const changedByteLength = canary.changed()
  const lockedWithCanary = lockedByteLength()
  await canary.takeUp()
  const keptByteLength = canaryByteLength - (lockedWithCanary - lockedByteLength())
  work = await beginWork(board, card, driver)
  const figures: Takeover = {
    ...{ foundAtWork, isIdle, isHealthy, openMs, idleMs },
    ...{ canaryByteLength, coveredByteLength, changedByteLength, keptByteLength },
    locked: card.locks
      .flatMap((lock) => lock.pages)
      .map((page) => ({ address: String(page.address), byteLength: page.byteLength })),
  }
  tell({ tell: 'underWay', ...figures })
}

async function giveBack(): Promise<void> {
  await work?.stop()
  await card?.close()
  tell({
    tell: 'closed',
    lockedByteLength: lockedByteLength(),
    openFiles: openFiles() - filesBefore,
  })
  process.exit(0)
}

/** A killed process gives its board back when the kernel has taken it apart. */
async function openWhenFree(): Promise<Card> {
  for (;;) {
    try {
      return await openCard({ bus: 'vfio', address, addressWidth })
    } catch (error) {
      if ((error as DmaError).statusName !== 'WD_RESOURCE_OVERLAP') throw error
      await delay(1)
    }
  }
}

function tell(message: FromOwner): void {
  process.send?.(message)
}

function lockedByteLength(): number {
  const [, kibibytes] = /^VmLck:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
