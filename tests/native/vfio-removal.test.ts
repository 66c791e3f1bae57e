// A device that is taken away through sysfs in mid-transfer: the kernel waits until it is given back.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { EduEngine } from '../contract/edu-engine.ts'
import { bindTo, doWhatHelps, isPresent } from './pci-device.ts'
import { deviceOf, openDevice } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_EDU')

describe.skipIf(address === null)('removal through sysfs', () => {
  const at = address ?? ''
  const open = () => openCard({ bus: 'vfio', address: at, addressWidth: 28 })

  /** In a process of its own, because the write returns when the device is gone. */
  const remove = () =>
    execFile('sh', ['-c', `echo 1 >/sys/bus/pci/devices/${at}/remove`], { timeout: 25_000 })

  function bringBack(): void {
    if (!isPresent(at)) writeFileSync('/sys/bus/pci/rescan', '1')
    bindTo(at, 'vfio-pci')
  }

  test('in mid-transfer: what is pending ends with a status, and a rescan brings the device back', async () => {
    onTestFinished(bringBack)
    const card = await openDevice(at)
    card.setBusMaster(true)
    const lock = await card.lockContiguous(4096)
    const hold = lock.hold('c2h0')
    const pending = card.enableInterrupt(0).wait()
    pending.catch(() => {})
    const engine = new EduEngine(card)
    while (engine.isRunning()) await delay(5)
    const hostAddress = Number(lock.pages[0]?.address)
    engine.start({ direction: 'fromDevice', hostAddress, bufferOffset: 0, byteLength: 4095 })
    const removed = new Promise<void>((resolve) => card.onRemoval(resolve))
    const remover = remove()
    const gone = once(remover, 'exit')
    await removed
    // Whoever has the device decides when; until then it is there.
    expect([remover.exitCode, isPresent(at), lock.isLocked]).toEqual([null, true, true])
    await card.close()
    await expect(pending).rejects.toMatchObject({ statusName: 'WD_INVALID_HANDLE' })
    await expect(lock.unlock()).rejects.toMatchObject({ statusName: 'WD_OPERATION_ALREADY_DONE' })
    hold.release()
    expect(await gone).toEqual([0, null])
    expect(isPresent(at)).toBe(false)

    const refused = await open().catch((error) => error)
    expect(refused).toMatchObject({ statusName: 'WD_DEVICE_NOT_FOUND', errno: 'ENOENT' })
    doWhatHelps(refused.help.replace('`lspci -D`', 'lspci -D'))
    expect(isPresent(at)).toBe(true)
    const unbound = await open().catch((error) => error)
    expect(unbound).toMatchObject({ statusName: 'WD_NO_DEVICE_OBJECT' })
    doWhatHelps(unbound.help)
    const again = await openDevice(at)
    expect(again.readRegister({ barIndex: 0, offset: 0, width: 32 })).toBe(0x0100_00ed)
  })
})
