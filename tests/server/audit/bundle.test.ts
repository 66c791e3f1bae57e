import { it, expect } from 'vitest'
import { openLab } from '../../support/test-lab.ts'
import { verifyBundle } from '../../../server/audit/verify/verify-bundle.ts'
import { bytesInMemory } from '../../../server/audit/verify/byte-source.ts'
import { writeFileSync } from 'node:fs'

it('x', async () => {
  const lab = await openLab()
  await lab.take()
  const session = await lab.lock()
  const a = await lab.get('/audit/export')
  console.log(a.status, a.headers, a.bytes.length)
  writeFileSync('/tmp/pl/bundle-a.tar', a.bytes)
  const p = verifyBundle(bytesInMemory(a.bytes), { key: null, held: null })
  console.log(p.events, p.parts, p.manifest)
  const b = await lab.get(`/audit/export?session=${session.id}`)
  writeFileSync('/tmp/pl/bundle-b.tar', b.bytes)
  console.log(b.status, b.headers, b.bytes.length, b.body)
  const q = verifyBundle(bytesInMemory(b.bytes), { key: null, held: null })
  console.log(q.events, q.parts, q.manifest)
  console.log((await lab.get('/audit/export?format=csv')).bytes.toString().slice(0, 1500))
  console.log((await lab.get('/audit/export?format=jsonl&session='+session.id)).bytes.toString().slice(0, 1500))
  let n = 0
  const t = performance.now()
  for (let i = 0; i < a.bytes.length; i++) {
    a.bytes[i]! ^= 1
    try { verifyBundle(bytesInMemory(a.bytes), { key: null, held: null }); console.log('missed', i) } catch (e) { n++ }
    a.bytes[i]! ^= 1
  }
  console.log(n, performance.now() - t)
  expect(a.status).toBe(200)
}, 60000)
