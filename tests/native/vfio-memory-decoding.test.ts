// A device that does not decode its memory answers nothing: the process gets all ones, not a SIGBUS.

import { describe, expect, test } from 'vitest'
import { deviceOf, openDevice } from './vfio-board.ts'

const devices = [
  { name: 'edu', address: deviceOf('PINLAB_TEST_EDU'), identification: 0x00, kept: 0x80 },
  { name: 'nvme', address: deviceOf('PINLAB_TEST_NVME'), identification: 0x08, kept: 0x28 },
]
const command = { offset: 4, width: 16 } as const
const memory = 0x2

describe.each(devices)('memory decoding of $name', ({ address, identification, kept }) => {
  test.skipIf(address === null)(
    'off: reads are all ones and writes are lost, until it is on again',
    async () => {
      const card = await openDevice(address)
      const at = <Width extends 8 | 16 | 32>(offset: number, width: Width) => {
        return { barIndex: 0, offset, width }
      }
      const before = card.readRegister(at(identification, 32))
      card.writeRegister(at(kept, 32), 0x5000)
      const on = card.readConfig(command)
      expect(on & memory).toBe(memory)
      card.writeConfig(command, on & ~memory)
      for (const width of [8, 16, 32] as const) {
        expect(card.readRegister(at(identification, width))).toBe(2 ** width - 1)
      }
      expect(card.readRegister({ barIndex: 0, offset: kept, width: 64 })).toBe(2n ** 64n - 1n)
      card.writeRegister(at(kept, 32), 0x6000)
      card.writeConfig(command, on)
      expect(card.readRegister(at(identification, 32))).toBe(before)
      expect(card.readRegister(at(kept, 32))).toBe(0x5000)
    },
  )
})
