// Captures over HTTP: what is saved, who gets at it, how much it may come to, and what is left when it fails.

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Capture, CapturePage } from '../../../server/contract/capture.ts'
import { eventually, statusOf } from '../../support/faulty-lab.ts'
import { addTestPerson } from '../../support/people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, recordingData, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const MiB = 1024 * KiB
const size = 256 * KiB

let dataFolder: string
let lab: TestLab
let session: string

beforeEach(async () => {
  dataFolder = temporaryFolder()
  const limits = { captureByteLengthPerPerson: 6 * MiB, lockedByteLengthPerBoard: 64 * MiB }
  lab = await openLab({ dataFolder, limits })
  await lab.take()
  await lab.playRecording()
  session = (await lab.lock({ byteLength: size, label: 'run 7' })).id
  await lab.start(session, { byteLength: size })
  await lab.get(`/dma-sessions/${session}/transfers/1?waitSeconds=30`)
}, 60_000)

const take = (body: object = {}, of = session) =>
  lab.post<Capture>(`/dma-sessions/${of}/captures`, body)
const files = () => readdirSync(join(dataFolder, 'captures'))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const expected = () => recordingData().subarray(0, size)

async function eventTypes() {
  const rows = await lab.database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
  return rows.map(({ type }) => type).filter((type) => type.startsWith('capture.'))
}

async function release() {
  const { lease } = await statusOf(lab)
  await lab.post(`/leases/${lease?.id}/release`)
  await eventually(
    () => statusOf(lab),
    ({ state }) => state === 'ready',
  )
}

describe('a capture', () => {
  it('has the bytes, what they were taken from, and outlives the lease', async () => {
    const { status, body } = await take({ name: 'two tones' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...{ session, board: 'sim0', owner: lab.person.id, ownerName: lab.person.name },
      ...{ name: 'two tones', offset: 0, byteLength: size, automatic: false, mayBeTorn: false },
      ...{ sha256: sha256(expected()), bytesCompleted: size },
      provenance: {
        model: 'XDMA digitizer',
        buildId: expect.any(String),
        sample: { format: 'i16le', channels: 2, stride: 4, sampleRate: 0 },
      },
    })
    await release()
    const { bytes, headers, ...answer } = await lab.get(`/captures/${body.id}/data`)
    expect(answer.status).toBe(200)
    expect(bytes.equals(expected())).toBe(true)
    const digest = Buffer.from(body.sha256, 'hex').toString('base64')
    expect(headers).toMatchObject({
      etag: `"${body.sha256}"`,
      digest: `sha-256=${digest}`,
      'repr-digest': `sha-256=:${digest}:`,
      'content-length': String(size),
      'content-disposition': 'attachment; filename="two-tones.bin"',
    })
    expect(headers['cache-control']).toContain('private')
    expect((await lab.get<Capture>(`/captures/${body.id}`)).body).toEqual(body)
    expect(await eventTypes()).toEqual(['capture.taken', 'capture.downloaded'])
  })

  it('is a file that only the server may read', async () => {
    const { id } = (await take()).body
    const folder = join(dataFolder, 'captures')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, id)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, id)).equals(expected())).toBe(true)
  })

  it('of a part has that part, and goes through more than one piece', async () => {
    const part = (await take({ offset: 1000, byteLength: 77 })).body
    const { bytes } = await lab.get(`/captures/${part.id}/data`)
    expect(bytes.equals(expected().subarray(1000, 1077))).toBe(true)

    const large = await lab.lock({ byteLength: 5 * MiB })
    await lab.post(`/dma-sessions/${large.id}/fill`, { pattern: 'counter' })
    const { body } = await take({ offset: 3 }, large.id)
    const { bytes: all } = await lab.get(`/captures/${body.id}/data`)
    expect(all.byteLength).toBe(5 * MiB - 3)
    expect(sha256(all)).toBe(body.sha256)
    const read = { range: `bytes=0-${MiB - 1}` }
    const start = await lab.get(`/dma-sessions/${large.id}/data`, read)
    expect(all.subarray(0, MiB - 3).equals(start.bytes.subarray(3))).toBe(true)
    expect(body).toMatchObject({ bytesCompleted: 0, provenance: { sample: null } })
  })

  it('says that it may be torn while the board writes', async () => {
    await lab.start(session, { mode: 'cyclic', byteLength: size })
    expect((await take()).body).toMatchObject({ mayBeTorn: true })
  })

  it.each([
    { range: 'bytes=10-19', offset: 10, byteLength: 10 },
    { range: 'bytes=-5', offset: size - 5, byteLength: 5 },
    { range: `bytes=${size - 1}-`, offset: size - 1, byteLength: 1 },
  ])('is read in parts: $range', async ({ range, offset, byteLength }) => {
    const { id } = (await take()).body
    const { status, bytes, headers } = await lab.get(`/captures/${id}/data`, { range })
    expect(status).toBe(206)
    expect(headers['content-range']).toBe(`bytes ${offset}-${offset + byteLength - 1}/${size}`)
    expect(bytes.equals(expected().subarray(offset, offset + byteLength))).toBe(true)
  })

  it('says how long it is where a part lies outside, and is not sent to who has it', async () => {
    const { id, sha256: hash } = (await take()).body
    const outside = await lab.get(`/captures/${id}/data`, { range: `bytes=${size}-` })
    expect(outside.body.code).toBe('PINLAB_REQUEST_RANGE')
    expect(outside.status).toBe(416)
    expect(outside.headers['content-range']).toBe(`bytes */${size}`)
    const known = await lab.get(`/captures/${id}/data`, { 'if-none-match': `"${hash}"` })
    expect(known.status).toBe(304)
    const other = { range: 'bytes=0-9', 'if-range': '"another"' }
    expect((await lab.get(`/captures/${id}/data`, other)).status).toBe(200)
  })

  it('is refused where there is nothing locked to take it from', async () => {
    const codeOf = async (body: object, of = session) => (await take(body, of)).body.code
    expect(await codeOf({ offset: size })).toBe('PINLAB_CAPTURE_LIMIT')
    expect(await codeOf({ offset: 1, byteLength: size })).toBe('PINLAB_REQUEST_RANGE')
    expect(await codeOf({}, '01890a5d-ac96-774b-bcce-b302099a8057')).toBe('PINLAB_SESSION_UNKNOWN')
    await lab.post(`/dma-sessions/${session}/unlock`)
    expect(await codeOf({})).toBe('PINLAB_SESSION_NOT_LOCKED')
    expect(files()).toEqual([])
  })

  it('can be deleted, with its bytes', async () => {
    const { id } = (await take()).body
    expect((await lab.send('DELETE', `/captures/${id}`)).status).toBe(204)
    expect(files()).toEqual([])
    for (const url of [`/captures/${id}`, `/captures/${id}/data`]) {
      expect((await lab.get(url)).body.code).toBe('PINLAB_CAPTURE_UNKNOWN')
    }
    expect(await eventTypes()).toEqual(['capture.taken', 'capture.deleted'])
  })

  it('whose file was changed is not sent as if it were whole', async () => {
    const { id } = (await take()).body
    writeFileSync(join(dataFolder, 'captures', id), 'short')
    expect((await lab.get(`/captures/${id}/data`)).body.code).toBe('PINLAB_CAPTURE_LOST')
  })
})

describe('a capture as a file for other tools', () => {
  it('has the samples that the board delivered, and says where they come from', async () => {
    const { id } = (await take({ name: 'two tones' })).body
    const wav = await lab.get(`/captures/${id}/data?format=wav&sampleRate=1000`)
    expect(wav.status).toBe(200)
    expect(wav.headers['content-disposition']).toBe('attachment; filename="two-tones.wav"')
    expect(Number(wav.headers['content-length'])).toBe(wav.bytes.length)
    const at = wav.bytes.indexOf('data') + 8
    expect(wav.bytes.subarray(at, at + size).equals(expected())).toBe(true)
    expect(wav.bytes.subarray(0, at).toString('latin1')).toContain(`"capture":"${id}"`)
    const npy = await lab.get(`/captures/${id}/data?format=npy`)
    expect(npy.bytes.subarray(-size).equals(expected())).toBe(true)
    expect(npy.bytes.subarray(0, 128).toString('latin1')).toContain(`'<i2'`)
    const csv = (await lab.get(`/captures/${id}/data?format=csv&channels=1`)).bytes.toString()
    expect(csv).toContain(`# sha256: ${sha256(expected())}`)
    expect(csv.split('\r\n').at(-2)?.split(',').at(-1)).toBe(
      String(expected().readInt16LE(size - 2)),
    )
    expect(await eventTypes()).toEqual(['capture.taken', ...Array(3).fill('capture.downloaded')])
  })

  it('is refused where it cannot be, before anything is recorded', async () => {
    const { id } = (await take()).body
    const path = `/captures/${id}/data`
    const answers = [
      await lab.get(`${path}?format=wav&sample=u16le`),
      await lab.get(`${path}?format=npy&sample=f64le&channels=64&stride=8`),
      await lab.get(`${path}?format=npy`, { range: 'bytes=0-9' }),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual([
      ...['PINLAB_DATA_FORMAT', 'PINLAB_DATA_FORMAT', 'PINLAB_REQUEST_RANGE'],
    ])
    expect(await eventTypes()).toEqual(['capture.taken'])
  })

  it('can be had of the lock itself too', async () => {
    const npy = await lab.get(`/dma-sessions/${session}/data?format=npy&sample=u8`)
    expect(npy.headers['content-disposition']).toBe('attachment; filename="run-7.npy"')
    expect(npy.bytes.subarray(-size).equals(expected())).toBe(true)
  })
})

describe('captures of somebody else', () => {
  it('are metadata for administrators and auditors, and nothing for others', async () => {
    const operator = lab.as(await addTestPerson(lab.database, 'operator'))
    await release()
    await operator.take()
    const own = await operator.lock({ byteLength: size })
    const { body } = await operator.post<Capture>(`/dma-sessions/${own.id}/captures`)
    for (const role of ['admin', 'auditor', 'operator', 'viewer'] as const) {
      const other = lab.as(await addTestPerson(lab.database, role))
      const mayLook = role === 'admin' || role === 'auditor'
      const looks = [`/captures/${body.id}`, `/dma-sessions/${own.id}/captures`]
      for (const url of looks) {
        expect((await other.get(url)).status, `${role} ${url}`).toBe(mayLook ? 200 : 403)
      }
      const bytes = await other.get(`/captures/${body.id}/data`)
      expect(bytes.body.code, role).toBe('PINLAB_PERMISSION_DENIED')
      const deleted = await other.send('DELETE', `/captures/${body.id}`)
      expect((deleted.body as { code?: string }).code, role).toBe('PINLAB_PERMISSION_DENIED')
      expect((await other.get<CapturePage>('/captures')).body.items, role).toEqual([])
      if (role === 'operator' || role === 'admin') {
        const taken = await other.post(`/dma-sessions/${own.id}/captures`)
        expect(taken.body.code, role).toBe('PINLAB_LEASE_REQUIRED')
      }
    }
  })
})

describe('the list of captures', () => {
  it('has one’s own, newest first, page by page, by session, with what they come to', async () => {
    const ids = []
    for (const name of ['a', 'b', 'c']) {
      ids.unshift((await take({ name, byteLength: 100 })).body.id)
      // Ids of one millisecond have no order.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const first = (await lab.get<CapturePage>('/captures?limit=2')).body
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(first.quota).toEqual({ byteLength: 6 * MiB, used: 300 })
    const rest = (await lab.get<CapturePage>(`/captures?limit=2&cursor=${first.next}`)).body
    expect(rest).toMatchObject({ items: [{ id: ids[2] }], next: null })
    const other = '01890a5d-ac96-774b-bcce-b302099a8057'
    expect((await lab.get<CapturePage>(`/captures?session=${other}`)).body.items).toEqual([])
    const ofSession = await lab.get<CapturePage>(`/dma-sessions/${session}/captures`)
    expect(ofSession.body.items.map(({ id }) => id)).toEqual(ids)
  })
})

describe('the quota', () => {
  it('is not exceeded by captures that are taken at once', async () => {
    const { id } = await lab.lock({ byteLength: 2 * MiB })
    const answers = await Promise.all([1, 2, 3, 4].map(() => take({}, id)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409])
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      ...{ code: 'PINLAB_CAPTURE_LIMIT', limit: 6 * MiB, inUse: 6 * MiB },
    })
    expect((await lab.get<CapturePage>('/captures')).body.quota.used).toBe(6 * MiB)
    expect(files()).toHaveLength(3)
    await lab.send('DELETE', `/captures/${answers.find(({ status }) => status === 201)?.body.id}`)
    expect((await take({}, id)).status).toBe(201)
  })

  it('is given back by what failed', async () => {
    const { id } = await lab.lock({ byteLength: 6 * MiB })
    rmSync(join(dataFolder, 'captures'), { recursive: true })
    const failed = await take({}, id)
    expect({ status: failed.status, code: failed.body.code }).toEqual({
      ...{ status: 507, code: 'PINLAB_CAPTURE_DISK' },
    })
    mkdirSync(join(dataFolder, 'captures'))
    expect((await take({}, id)).status).toBe(201)
  })
})

describe('a start', () => {
  it('removes what has no row, and keeps what has one', async () => {
    const { id } = (await take()).body
    await lab.app.close()
    for (const name of [`${id}.part`, '01890a5d-ac96-774b-bcce-b302099a8057']) {
      writeFileSync(join(dataFolder, 'captures', name), 'left')
    }
    await openLab({ dataFolder })
    expect(files()).toEqual([id])
  })
})
