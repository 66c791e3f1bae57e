// What is done with captures: written about, loaded into a lock and played, compared.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Capture, Differences } from '../../../server/contract/capture.ts'
import type { Transfer } from '../../../server/contract/dma-session.ts'
import { addTestPerson } from '../../support/people.ts'
import { type AtEnd, temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024
/** More than one piece. */
const size = 5 * MiB

let dataFolder: string
let lab: TestLab
let session: string
let capture: Capture
const ends: Parameters<AtEnd>[0][] = []

beforeAll(async () => {
  const atEnd: AtEnd = (end) => void ends.unshift(end)
  dataFolder = temporaryFolder(atEnd)
  const limits = { lockedByteLengthPerBoard: 64 * MiB, captureByteLengthPerPerson: 64 * MiB }
  lab = await openLab({ dataFolder, limits }, atEnd)
  await lab.take()
  session = (await lab.lock({ byteLength: size, direction: 'toFromDevice' })).id
  await fill('counter')
  capture = (await lab.post<Capture>(`/dma-sessions/${session}/captures`)).body
  return async () => {
    for (const end of ends) await end()
  }
}, 60_000)

const fill = (pattern: string) => lab.post(`/dma-sessions/${session}/fill`, { pattern })
const octets = { 'content-type': 'application/octet-stream' }
const put = (offset: number, bytes: string) =>
  lab.send('PUT', `/dma-sessions/${session}/data?offset=${offset}`, bytes, octets)

async function memory(): Promise<Buffer> {
  return (await lab.get(`/dma-sessions/${session}/data`)).bytes
}

async function events(type: string) {
  const rows = await lab.database.reader.auditEvent.findMany({ where: { type } })
  return rows.map((row) => JSON.stringify(row))
}

describe('what is written about a capture', () => {
  const change = (body: object, by = lab) =>
    by.send<Capture>('PATCH', `/captures/${capture.id}`, body)
  const mark = (offset: number, text = 'here') => ({ offset, text })

  it('is kept, and the bytes stay as they are', async () => {
    const { etag } = (await lab.get(`/captures/${capture.id}/data`)).headers
    const marks = [mark(size - 1, 'the end'), mark(0), mark(4096)]
    const { status, body } = await change({ name: 'ramp', note: 'two\nlines', marks })
    expect(status).toBe(200)
    const sorted = [mark(0), mark(4096), mark(size - 1, 'the end')]
    expect(body).toEqual({ ...capture, name: 'ramp', note: 'two\nlines', marks: sorted })
    expect((await change({ note: '' })).body).toMatchObject({ name: 'ramp', marks: sorted })
    expect((await lab.get(`/captures/${capture.id}`)).body).toMatchObject({
      note: '',
      marks: sorted,
    })
    const data = await lab.get(`/captures/${capture.id}/data`)
    expect(data.headers.etag).toBe(etag)
    expect(createHash('sha256').update(data.bytes).digest('hex')).toBe(capture.sha256)
    const [first, second] = await events('capture.annotated')
    expect(first).toContain('name')
    expect(first).not.toContain('ramp')
    expect(second).toContain(capture.sha256)
  })

  it.each([
    ['nothing', {}],
    ['bytes', { sha256: 'x' }],
    ['a long name', { name: 'x'.repeat(81) }],
    ['a long note', { note: 'x'.repeat(2001) }],
    ['a mark outside', { marks: [mark(size)] }],
    ['a mark that says nothing', { marks: [mark(0, '')] }],
    ['a long mark', { marks: [mark(0, 'x'.repeat(121))] }],
    ['too many marks', { marks: Array.from({ length: 65 }, (_, n) => mark(n)) }],
  ])('is not %s', async (_, body) => {
    expect((await change(body)).body.code).toBe('PINLAB_REQUEST_INVALID')
  })

  it('is its owner’s to write', async () => {
    for (const role of ['admin', 'operator', 'auditor', 'viewer'] as const) {
      const other = lab.as(await addTestPerson(lab.database, role))
      expect((await change({ note: 'x' }, other)).body.code).toBe('PINLAB_PERMISSION_DENIED')
    }
    const url = '/captures/01890a5d-ac96-774b-bcce-b302099a8057'
    expect((await lab.send<Capture>('PATCH', url, { note: 'x' })).body.code).toBe(
      'PINLAB_CAPTURE_UNKNOWN',
    )
  })
})

describe('a capture that is loaded into a lock', () => {
  const replay = (body: object, of = capture.id, by = lab) =>
    by.post(`/captures/${of}/replay`, { session, ...body })

  it('is there byte by byte, is in the record, and can be played', async () => {
    await fill('zero')
    expect((await replay({})).status).toBe(204)
    expect(
      createHash('sha256')
        .update(await memory())
        .digest('hex'),
    ).toBe(capture.sha256)
    const [event] = await events('dma.data.written')
    for (const part of [capture.id, capture.sha256, session]) expect(event).toContain(part)
    const { n } = await lab.start(session, { channel: 'h2c1', byteLength: size })
    const ended = await lab.get<Transfer>(`/dma-sessions/${session}/transfers/${n}?waitSeconds=30`)
    expect(ended.body).toMatchObject({ state: 'done', bytesCompleted: size })
  })

  it('goes where it is to go, and nowhere else', async () => {
    const { body: part } = await lab.post<Capture>(`/dma-sessions/${session}/captures`, {
      ...{ offset: 100, byteLength: 50 },
    })
    await fill('zero')
    expect((await replay({ offset: 1000 }, part.id)).status).toBe(204)
    const bytes = await memory()
    const saved = (await lab.get(`/captures/${part.id}/data`)).bytes
    expect(bytes.subarray(1000, 1050).equals(saved)).toBe(true)
    expect(bytes.fill(0, 1000, 1050).equals(Buffer.alloc(size))).toBe(true)
    expect((await replay({ offset: size - 49 }, part.id)).body.code).toBe('PINLAB_REQUEST_RANGE')
  })

  it('is refused where a transfer from the board fills the memory', async () => {
    const ring = { mode: 'cyclic', offset: MiB, byteLength: MiB, blockByteLength: 65_536 }
    const { n } = await lab.start(session, ring)
    const small = await lab.post<Capture>(`/dma-sessions/${session}/captures`, { byteLength: 4096 })
    const before = (await events('dma.data.written')).length
    const busy = await replay({ offset: 2 * MiB - 1 }, small.body.id)
    expect(busy.body).toMatchObject({ code: 'PINLAB_LOCK_BUSY', wdStatus: 'WD_TRY_AGAIN' })
    expect(await events('dma.data.written')).toHaveLength(before)
    expect((await replay({ offset: 2 * MiB }, small.body.id)).status).toBe(204)
    expect((await replay({ offset: MiB - 4096 }, small.body.id)).status).toBe(204)
    await lab.post(`/dma-sessions/${session}/transfers/${n}/stop`)
    expect((await replay({ offset: 2 * MiB - 1 }, small.body.id)).status).toBe(204)
  })

  it('needs the lease, the capture and its bytes', async () => {
    const other = lab.as(await addTestPerson(lab.database, 'operator'))
    expect((await replay({}, capture.id, other)).body.code).toBe('PINLAB_PERMISSION_DENIED')
    const own = await other.send<Capture>(
      ...(['PUT', '/captures/data?board=sim0&format=bin', 'bytes', octets] as const),
    )
    expect((await replay({}, own.body.id, other)).body.code).toBe('PINLAB_LEASE_REQUIRED')
    const { body } = await lab.post<Capture>(`/dma-sessions/${session}/captures`, { byteLength: 9 })
    writeFileSync(join(dataFolder, 'captures', body.id), 'forged by')
    expect((await replay({}, body.id)).body.code).toBe('PINLAB_CAPTURE_LOST')
  })
})

describe('a comparison', () => {
  const compare = (query: string, by = lab) =>
    by.get<Differences>(`/captures/${capture.id}/differences?${query}`)

  it('with the memory says where it is not what it was, page by page', async () => {
    await fill('counter')
    expect((await compare(`session=${session}`)).body).toEqual({
      ...{ leftByteLength: size, rightByteLength: size, differentByteLength: 0 },
      ...{ ranges: [], next: null },
    })
    const before = await memory()
    // The second over the end of a piece.
    const places = [10, 4 * MiB - 2, size - 4]
    for (const place of places) await put(place, '\xaa\xbb'.repeat(2))
    const after = await memory()
    const expected = []
    for (let at = 0; at < size; at++) if (before[at] !== after[at]) expected.push(at)
    const { body } = await compare(`session=${session}&limit=2`)
    expect(body.differentByteLength).toBe(expected.length)
    expect(body.ranges).toHaveLength(2)
    const all = [...body.ranges]
    for (let { next } = body; next !== null; ) {
      const page = (await compare(`session=${session}&limit=2&offset=${next}`)).body
      all.push(...page.ranges)
      next = page.next
    }
    const bytesOf = all.flatMap(({ offset, byteLength }) =>
      Array.from({ length: byteLength }, (_, n) => offset + n),
    )
    expect(bytesOf).toEqual(expected)
    for (const { offset, byteLength, left, right } of all) {
      expect(left).toBe(before.toString('hex', offset, offset + byteLength))
      expect(right).toBe(after.toString('hex', offset, offset + byteLength))
    }
    const [event] = (await events('capture.compared')).slice(-1)
    expect(event).toContain(session)
  })

  it('begins where the capture was taken, or where it is said', async () => {
    await fill('counter')
    const { body: part } = await lab.post<Capture>(`/dma-sessions/${session}/captures`, {
      ...{ offset: 1000, byteLength: 500 },
    })
    const url = `/captures/${part.id}/differences?session=${session}`
    const there = (await lab.get<Differences>(url)).body
    expect(there).toMatchObject({ differentByteLength: 0, rightByteLength: size - 1000 })
    const beside = (await lab.get<Differences>(`${url}&at=1001`)).body
    expect(beside.differentByteLength).toBeGreaterThan(0)
    expect((await lab.get<Differences>(`${url}&at=${size}`)).body.code).toBe('PINLAB_REQUEST_RANGE')
  })

  it('with another capture goes as far as the shorter one', async () => {
    const url = '/captures/data?board=sim0&format=bin'
    const bytes = (await lab.get(`/captures/${capture.id}/data`)).bytes.subarray(0, 100)
    bytes[7] = (bytes[7] ?? 0) ^ 0xff
    const { body: other } = await lab.send<Capture>('PUT', url, bytes, octets)
    const { body } = await compare(`with=${other.id}`)
    expect(body).toMatchObject({
      ...{ leftByteLength: size, rightByteLength: 100, differentByteLength: 1, next: null },
      ranges: [{ offset: 7, byteLength: 1, right: bytes.toString('hex', 7, 8) }],
    })
    expect((await compare(`with=${other.id}&offset=8`)).body.differentByteLength).toBe(0)
  })

  it('needs exactly one other, which is one’s own', async () => {
    const codeOf = async (query: string, by = lab) => (await compare(query, by)).body.code
    expect(await codeOf('')).toBe('PINLAB_REQUEST_INVALID')
    expect(await codeOf(`with=${capture.id}&session=${session}`)).toBe('PINLAB_REQUEST_INVALID')
    const operator = await addTestPerson(lab.database, 'operator')
    expect(await codeOf(`with=${capture.id}`, lab.as(operator))).toBe('PINLAB_PERMISSION_DENIED')
    const { body } = await lab
      .as(operator)
      .send<Capture>('PUT', '/captures/data?board=sim0&format=bin', 'bytes', octets)
    expect(await codeOf(`with=${body.id}`)).toBe('PINLAB_PERMISSION_DENIED')
    const url = `/captures/${body.id}/differences?session=${session}`
    expect((await lab.as(operator).get(url)).body.code).toBe('PINLAB_LEASE_REQUIRED')
  })

  it('with the memory needs a token for it, one to read is not enough', async () => {
    const { person } = lab
    const reader = await addTestPerson(lab.database, 'operator', ['read'])
    const { body } = await lab.get<Capture>(`/captures/${capture.id}`)
    await lab.database.write((tx) =>
      tx.capture.update({ where: { id: body.id }, data: { owner: reader.id } }),
    )
    const refused = await compare(`session=${session}`, lab.as(reader))
    expect(refused.body.code).toBe('PINLAB_PERMISSION_DENIED')
    expect((await compare(`with=${body.id}`, lab.as(reader))).status).toBe(200)
    await lab.database.write((tx) =>
      tx.capture.update({ where: { id: body.id }, data: { owner: person.id } }),
    )
  })

  it('is one of few at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => compare(`with=${capture.id}`)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409])
    expect((await compare(`with=${capture.id}`)).status).toBe(200)
  })
})
