// Files sent over HTTP that become captures: as they were, within the quota, or nothing of them.

import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Capture, CapturePage } from '../../../server/contract/capture.ts'
import { eventually } from '../../support/faulty-lab.ts'
import { listen } from '../../support/live-url.ts'
import { addTestPerson } from '../../support/people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, recordingData, type TestLab } from '../../support/test-lab.ts'

const MiB = 1024 * 1024
const size = 64 * 1024

let dataFolder: string
let lab: TestLab

beforeEach(async () => {
  dataFolder = temporaryFolder()
  lab = await openLab({ dataFolder, limits: { captureByteLengthPerPerson: 6 * MiB } })
}, 60_000)

const octets = { 'content-type': 'application/octet-stream' }
const upload = (query: string, bytes: Buffer, by = lab) =>
  by.send<Capture>('PUT', `/captures/data?board=sim0&${query}`, bytes, octets)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const files = () => readdirSync(join(dataFolder, 'captures'))
const used = async () => (await lab.get<CapturePage>('/captures')).body.quota.used

async function taken(): Promise<Capture> {
  await lab.take()
  await lab.playRecording()
  const { id } = await lab.lock({ byteLength: size })
  await lab.start(id, { byteLength: size })
  await lab.get(`/dma-sessions/${id}/transfers/1?waitSeconds=30`)
  return (await lab.post<Capture>(`/dma-sessions/${id}/captures`)).body
}

describe('a capture that is sent back', () => {
  it('has the bytes that it had, by every format', async () => {
    const { id, sha256: hash, provenance } = await taken()
    for (const format of ['bin', 'npy', 'csv', 'wav'] as const) {
      const rate = format === 'bin' ? '' : '&sampleRate=1000'
      const file = await lab.get(`/captures/${id}/data?format=${format}${rate}`)
      expect(file.status, format).toBe(200)
      const { status, body } = await upload(`format=${format}&file=x.${format}`, file.bytes)
      expect({ format, status, hash: body.sha256 }).toEqual({ format, status: 201, hash })
      expect(body.provenance.uploaded).toEqual({
        ...{ file: `x.${format}`, format, sha256: sha256(file.bytes) },
      })
      const sampleRate = format === 'npy' ? null : 1000
      const sample = format === 'bin' ? null : { ...provenance.sample, sampleRate }
      expect(body.provenance.sample).toEqual(sample)
      const back = await lab.get(`/captures/${body.id}/data`)
      expect(sha256(back.bytes), format).toBe(hash)
    }
  })

  it('has no session, belongs to who sent it, and is in the record', async () => {
    const operator = lab.as(await addTestPerson(lab.database, 'operator'))
    const { body } = await upload('format=bin&name=mine', Buffer.from('bytes'), operator)
    expect(body).toMatchObject({
      ...{ session: null, board: 'sim0', owner: operator.person.id, name: 'mine', note: '' },
      ...{ byteLength: 5, offset: 0, automatic: false, mayBeTorn: false, bytesCompleted: 0 },
      ...{ sha256: sha256(Buffer.from('bytes')), provenance: { model: null, sample: null } },
    })
    expect((await operator.get<CapturePage>('/captures?board=sim0')).body.items).toEqual([body])
    expect((await lab.get(`/captures/${body.id}/data`)).body.code).toBe('PINLAB_PERMISSION_DENIED')
    const csv = await operator.get(`/captures/${body.id}/data?format=csv&sample=u8`)
    expect(csv.bytes.toString()).toContain('# session: \r\n')
    expect((await operator.send('DELETE', `/captures/${body.id}`)).status).toBe(204)
    const rows = await lab.database.reader.auditEvent.findMany({
      where: { type: { startsWith: 'capture.' } },
      orderBy: { seq: 'asc' },
    })
    expect(rows.map(({ type, board, session }) => ({ type, board, session }))).toEqual(
      ['uploaded', 'downloaded', 'deleted'].map((what) => ({
        ...{ type: `capture.${what}`, board: 'sim0', session: null },
      })),
    )
    expect(JSON.stringify(rows[0])).toContain(body.sha256)
  })
})

describe('what is refused', () => {
  it('leaves nothing behind', async () => {
    const answers = [
      await upload('format=npy', Buffer.from('no array')),
      await upload('format=csv', Buffer.from('# sample: u8\nch1\n1\n2\nmany\n')),
      await upload('format=bin', Buffer.alloc(0)),
      await upload('format=bin', Buffer.alloc(6 * MiB + 1)),
      await upload('format=xls', Buffer.from('x')),
      await upload(
        'format=bin',
        Buffer.from('x'),
        lab.as(await addTestPerson(lab.database, 'viewer')),
      ),
      await lab.send<Capture>('PUT', '/captures/data?board=sim9&format=bin', 'x', octets),
      await lab.send<Capture>('PUT', '/captures/data?board=sim0&format=bin', '{}', {
        'content-type': 'application/json',
      }),
      await lab.send<Capture>('PUT', '/captures/data?board=sim0&format=bin'),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual([
      ...['PINLAB_CAPTURE_FILE', 'PINLAB_CAPTURE_FILE', 'PINLAB_CAPTURE_FILE'],
      ...['PINLAB_CAPTURE_LIMIT', 'PINLAB_REQUEST_INVALID', 'PINLAB_PERMISSION_DENIED'],
      ...['PINLAB_BOARD_UNKNOWN', 'PINLAB_REQUEST_MEDIA_TYPE', 'PINLAB_REQUEST_MEDIA_TYPE'],
    ])
    expect(answers[1]?.body).toMatchObject({ status: 400, line: 5 })
    expect(files()).toEqual([])
    expect(await used()).toBe(0)
    // All the room is there again.
    expect((await upload('format=bin', Buffer.alloc(6 * MiB))).status).toBe(201)
    expect(await used()).toBe(6 * MiB)
  })

  it('is also what breaks off, and the sender of what is wrong gets the answer', async () => {
    const [host, port] = (await listen(lab)).split(':')
    const send = (format: string) => {
      const socket = connect(Number(port), host)
      const head = `PUT /api/v1/captures/data?board=sim0&format=${format} HTTP/1.1`
      const lines = [head, 'Host: 127.0.0.1', `Authorization: Bearer ${lab.person.token}`]
      lines.push('Content-Type: application/octet-stream', `Content-Length: ${4 * MiB}`)
      socket.on('error', () => {}).write(`${lines.join('\r\n')}\r\n\r\n`)
      socket.write(Buffer.alloc(2 * MiB))
      return socket
    }
    const socket = send('bin')
    await eventually(
      async () => files(),
      (names) => names.some((name) => name.endsWith('.part')),
    )
    socket.destroy()
    await eventually(
      async () => files(),
      (names) => names.length === 0,
    )
    expect(await used()).toBe(0)

    const refused = send('wav')
    let answer = ''
    refused.on('data', (chunk) => {
      answer += chunk.toString()
    })
    await eventually(
      async () => answer,
      (text) => text.includes('PINLAB_CAPTURE_FILE'),
    )
    // All that is left of it is let by, and the connection goes on.
    await new Promise((sent) => refused.write(Buffer.alloc(2 * MiB), sent))
    refused.write('GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    await eventually(
      async () => answer,
      (text) => text.includes('HTTP/1.1 200'),
    )
    refused.destroy()
  })

  it('is not what is sent as others send, up to four at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, (_, n) => upload('format=bin', Buffer.alloc(2 * MiB, n))),
    )
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409])
    expect(await used()).toBe(6 * MiB)
    expect(files()).toHaveLength(3)
  })

  it('ends with the server', async () => {
    const [host, port] = (await listen(lab)).split(':')
    const socket = connect(Number(port), host).on('error', () => {})
    const head = 'PUT /api/v1/captures/data?board=sim0&format=bin HTTP/1.1\r\nHost: 127.0.0.1'
    socket.write(`${head}\r\nAuthorization: Bearer ${lab.person.token}\r\n`)
    socket.write(`Content-Type: application/octet-stream\r\nContent-Length: 999999\r\n\r\nsome`)
    await eventually(
      async () => files(),
      (names) => names.length === 1,
    )
    await lab.app.close()
    expect(files()).toEqual([])
    socket.destroy()
  })
})

it('bytes of which it is said what they are can be had as samples', async () => {
  const data = recordingData().subarray(0, 4096)
  const { body } = await upload('format=bin&sample=i16le&channels=2&sampleRate=48000', data)
  expect(body.provenance.sample).toEqual({
    ...{ format: 'i16le', channels: 2, stride: 4, sampleRate: 48_000 },
  })
  const wav = await lab.get(`/captures/${body.id}/data?format=wav`)
  expect(wav.bytes.subarray(-4096).equals(data)).toBe(true)
})
