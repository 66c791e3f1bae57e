// Who is not root needs the group's file, and no more than that.

import { describe, expect, test } from 'vitest'
import { inProcess } from './card-process.ts'
import { groupFile } from './pci-device.ts'
import { admit, deviceOf, nobody } from './vfio-board.ts'

const address = deviceOf('PINLAB_TEST_EDU')

describe.skipIf(address === null)("a group's file that is not ours", () => {
  const identify = `
    const card = await openCard({ bus: 'vfio', address: '${address}' })
    answer = card.readRegister({ barIndex: 0, offset: 0, width: 32 })
    await card.close()`

  test('is refused, and opened by whoever is in the group that it is given to', async () => {
    const file = groupFile(address ?? '')
    const asNobody = () => inProcess(identify, { userId: nobody })
    expect(await asNobody()).toMatchObject({
      refused: {
        status: 0x2000_0001,
        statusName: 'WD_INVALID_HANDLE',
        operation: 'openCard',
        errno: 'EACCES',
        message: expect.stringContaining(file),
        help: expect.stringMatching(`\`chgrp <group> ${file}\`.*\`chmod 0660 ${file}\``),
      },
    })
    admit(file)
    expect(await asNobody()).toEqual({ refused: null, answer: 0x0100_00ed })
  })
})
