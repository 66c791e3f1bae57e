// The simulated board's registers: XDMA's identifiers and access rules, user logic, access widths.

import { expect, test } from 'vitest'
import { openBoard, user } from './board-fixture.ts'

test('[WD_Open] [WD_CardRegister] every target of the DMA block says what it is', async () => {
  const { card } = await openBoard({ h2c: ['memory', 'dac'], c2h: ['memory', 'adc', 'memory'] })
  const read = (offset: number) => card.readRegister({ barIndex: 1, offset, width: 32 })
  const identifiers: [number, number][] = [
    [0x0000, 0x1fc00006],
    [0x0100, 0x1fc08106],
    [0x1000, 0x1fc10006],
    [0x1100, 0x1fc18106],
    [0x1200, 0x1fc10206],
    [0x2000, 0x1fc20006],
    [0x3000, 0x1fc30006],
    [0x4100, 0x1fc48106],
    [0x5200, 0x1fc50206],
    [0x6000, 0x1fc60006],
  ]
  for (const [offset, identifier] of identifiers) expect(read(offset)).toBe(identifier)
  for (const absent of [0x0200, 0x0300, 0x1300, 0x4200, 0x5300, 0x7000, 0x8000]) {
    expect(read(absent)).toBe(0)
  }
  expect(read(0x4c)).toBe(0x00010140)
})

test('control, masks and vectors can be set and cleared by bits', async () => {
  const { h2c, readIrq, writeIrq } = await openBoard()
  const channel = h2c(0)
  channel.write(0x08, 0x00f80006)
  channel.write(0x0c, 0x00080002)
  expect(channel.read(0x04)).toBe(0x00f00004)
  channel.write(0x90, 0x06)
  channel.write(0x94, 0x18)
  channel.write(0x98, 0x02)
  expect(channel.read(0x90)).toBe(0x1c)
  writeIrq(0x14, 0xffff_ffff)
  writeIrq(0x18, 0x2)
  expect(readIrq(0x10)).toBe(0b1101)
  writeIrq(0xa0, 0x03020100)
  expect(readIrq(0xa0)).toBe(0x03020100)
})

test('the configuration block says what the link is, and cannot be written', async () => {
  const { card } = await openBoard()
  // PG195 "Config Block Registers": 01:00.0, payload 256, read request 512, MSI-X, 256 bits.
  const constants: [number, number][] = [
    [0x3004, 0x0100],
    [0x3008, 1],
    [0x300c, 2],
    [0x3014, 2],
    [0x3018, 2],
    [0x301c, 1],
    [0x3040, 0x55],
    [0x3044, 0x55],
    [0x3060, 0],
  ]
  for (const [offset, value] of constants) {
    card.writeRegister({ barIndex: 1, offset, width: 32 }, 0xffff_ffff)
    expect(card.readRegister({ barIndex: 1, offset, width: 32 })).toBe(value)
  }
})

test('registers that are not there read 0 and ignore writes', async () => {
  const { h2c } = await openBoard()
  for (const offset of [0x00, 0x10, 0x48, 0x4c, 0xfc]) {
    const before = h2c(0).read(offset)
    h2c(0).write(offset, 0xffff_ffff)
    expect(h2c(0).read(offset)).toBe(before)
  }
})

test('a board without streams says that it is a memory card', async () => {
  const digitizer = await openBoard()
  const memory = await openBoard({ h2c: ['memory'], c2h: ['memory'] })
  expect(digitizer.readUser(user.id)).toBe(0x504c4431)
  expect(memory.readUser(user.id)).toBe(0x504c4d31)
})

test('narrow reads are a part of the word and wide ones are two words', async () => {
  const { card } = await openBoard()
  expect(card.readRegister({ barIndex: 0, offset: 0, width: 8 })).toBe(0x31)
  expect(card.readRegister({ barIndex: 0, offset: 2, width: 16 })).toBe(0x504c)
  expect(card.readRegister({ barIndex: 0, offset: 0, width: 64 })).toBe(0x0001_0002_504c_4431n)
  card.writeRegister({ barIndex: 0, offset: 0x18, width: 64 }, 0x0000_0007_0000_0005n)
  expect(card.readRegister({ barIndex: 0, offset: 0x18, width: 64 })).toBe(0x0000_0007_0000_0005n)
})

test.each([
  ['an offset that is no multiple of the width', { barIndex: 1, offset: 2, width: 32 }, 0],
  ['the end of the BAR', { barIndex: 1, offset: 0x10000, width: 32 }, 0],
  ['a width across the end', { barIndex: 0, offset: 4096, width: 64 }, 0n],
  ['a BAR that is not there', { barIndex: 2, offset: 0, width: 32 }, 0],
  ['an unknown width', { barIndex: 1, offset: 0, width: 24 }, 0],
  ['a value that does not fit', { barIndex: 1, offset: 0, width: 32 }, 0x1_0000_0000],
  ['a negative value', { barIndex: 1, offset: 0, width: 64 }, -1n],
])('a write to %s is refused', async (_, register, value) => {
  const { card } = await openBoard()
  expect(() => card.writeRegister(register as never, value)).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation: 'writeRegister' }),
  )
})

test('reset brings the registers back and keeps the locks', async () => {
  const { card, h2c, writeIrq, readIrq, readUser, writeUser, ring } = await openBoard()
  h2c(0).write(0x90, 0xff)
  writeIrq(0x14, 3)
  writeUser(user.adcRate, 5)
  await card.reset()
  expect([h2c(0).read(0x90), readIrq(0x10), readUser(user.adcRate)]).toEqual([0, 0, 1_000_000])
  expect(ring.isLocked).toBe(true)
})

test.each([
  ['no channel', { h2c: [] }],
  ['five channels', { c2h: Array(5).fill('memory') }],
  ['an unknown kind', { h2c: ['adc'] }],
  ['an unknown bus', { bus: 'isa' }],
  ['no memory', { memoryByteLength: 0 }],
  ['a fraction of a page', { fragmentation: 0.5 }],
])('a configuration with %s is refused', async (_, config) => {
  await expect(openBoard(config as never)).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
    operation: 'openCard',
  })
})
