// What the doctor says of this host and process.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { doctor, hostLimits, openCard } from '../../native/index.ts'
import { compiledNative } from './compiled-native.ts'

test('figures are those of the system', async () => {
  const report = await doctor()
  expect(report.memlock).toMatchObject(hostLimits())
  expect(report.mappings.limit).toBe(Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8')))
  expect(report.mappings.count).toBeGreaterThan(10)
  expect(report.addressSpace.usedByteLength).toBeGreaterThan(1 << 20)
  expect(report.addressSpace.limitByteLength).toBeGreaterThan(1 << 20)
  expect([null, 2 << 20]).toContain(report.hugePages.byteLength)
  expect(structuredClone(report)).toEqual(report)
})

test('locked memory and mappings show in it', async () => {
  const card = await openCard({ bus: 'simulated', h2c: ['memory'], c2h: ['memory'] })
  const before = await doctor()
  for (let i = 0; i < 20; i++) await card.lockContiguous(64 * 1024)
  const after = await doctor()
  await card.close()
  const locked = after.memlock.lockedByteLength - before.memlock.lockedByteLength
  expect(locked).toBe(20 * 64 * 1024)
  expect(after.mappings.count).toBeGreaterThan(before.mappings.count ?? Infinity)
})

test('who is nobody has a limit and sees no physical address', () => {
  const script = `
    const { doctor } = await import(${JSON.stringify(compiledNative())})
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534) }
    console.log(JSON.stringify(await doctor()))`
  const out = execFileSync(
    'sh',
    ['-c', 'ulimit -l 5120 && exec "$0" --input-type=module -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  const report = JSON.parse(out)
  expect(report.memlock).toMatchObject({ memlockSoftByteLength: 5 << 20, isExempt: false })
  expect(report.pagemap).not.toBe('withAddresses')
})
