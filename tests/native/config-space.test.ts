// PCI configuration space of the simulated card, and what its command register allows.

import { expect, test } from 'vitest'
import { openCard } from '../../native/index.ts'
import { openBoard, user } from './board-fixture.ts'

const command = { offset: 4, width: 16 } as const
const memory = 1 << 1
const busMaster = 1 << 2
const simulated = { bus: 'simulated', h2c: ['memory'], c2h: ['memory'] } as const

test('[WD_PciConfigDump] says what the board is, in every width', async () => {
  const { card } = await openBoard()
  expect(card.readConfig({ offset: 0, width: 32 })).toBe(0x903f_10ee)
  expect(card.readConfig({ offset: 2, width: 16 })).toBe(0x903f)
  expect(card.readConfig({ offset: 0, width: 8 })).toBe(0xee)
  expect(card.readConfig({ offset: 8, width: 32 })).toBe(0x0580_0000)
  expect(card.readConfig({ offset: 0xffc, width: 32 })).toBe(0)
})

test('its capabilities are PCI Express and MSI-X', async () => {
  const { card } = await openBoard()
  const kinds: number[] = []
  for (let at = card.readConfig({ offset: 0x34, width: 8 }); at !== 0; ) {
    kinds.push(card.readConfig({ offset: at, width: 8 }))
    at = card.readConfig({ offset: at + 1, width: 8 })
  }
  expect(kinds).toEqual([0x11, 0x10])
})

test('bus mastering is off after open, and is a bit of the command register', async () => {
  const card = await openCard(simulated)
  expect([card.busMaster, card.readConfig(command)]).toEqual([false, memory])
  card.setBusMaster(true)
  expect([card.busMaster, card.readConfig(command)]).toEqual([true, memory | busMaster])
  card.writeConfig({ offset: 4, width: 8 }, memory)
  expect(card.busMaster).toBe(false)
  card.writeConfig({ offset: 4, width: 32 }, 0xffff_ffff)
  expect(card.busMaster).toBe(true)
  await card.reset()
  expect(card.busMaster).toBe(true)
  await card.close()
  expect(card.busMaster).toBe(false)
})

test('with memory off nobody answers at the BARs', async () => {
  const { card, readUser, writeUser } = await openBoard()
  writeUser(user.amplitude, 100)
  card.writeConfig(command, 0)
  expect(readUser(user.amplitude)).toBe(0xffff_ffff)
  writeUser(user.amplitude, 200)
  card.writeConfig(command, memory)
  expect(readUser(user.amplitude)).toBe(100)
})

test('what cannot be written keeps its value', async () => {
  const { card } = await openBoard()
  card.writeConfig({ offset: 0, width: 32 }, 0)
  expect(card.readConfig({ offset: 0, width: 16 })).toBe(0x10ee)
})

test.each([
  ['beyond the end', { offset: 4096, width: 32 }],
  ['no multiple of the width', { offset: 2, width: 32 }],
  ['64 bits', { offset: 0, width: 64 }],
])('a place %s is refused', async (_, at) => {
  const { card } = await openBoard()
  const refused = (operation: string) =>
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER', operation })
  expect(() => card.readConfig(at as never)).toThrow(refused('readConfig'))
  expect(() => card.writeConfig(at as never, 0)).toThrow(refused('writeConfig'))
})

test('a value that does not fit is refused, and all is once the card is closed', async () => {
  const { card } = await openBoard()
  const refused = expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' })
  for (const value of [0x1_0000, -1, 0.5]) {
    expect(() => card.writeConfig(command, value)).toThrow(refused)
  }
  await card.close()
  expect(() => card.readConfig(command)).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_HANDLE' }),
  )
})

test('an unknown bus is refused', async () => {
  await expect(openCard({ ...simulated, bus: 'isa' } as never)).rejects.toMatchObject({
    statusName: 'WD_INVALID_PARAMETER',
    operation: 'openCard',
  })
})

test('the simulated card has 32 vectors and can be reset', async () => {
  const { card } = await openBoard()
  expect([card.vectorCount, card.canReset]).toEqual([32, true])
  expect(() => card.onInterrupt(32, () => {})).toThrow(
    expect.objectContaining({ statusName: 'WD_INVALID_PARAMETER' }),
  )
})
