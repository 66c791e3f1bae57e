// What is sent in place of JSON, too much of it, or half of it (CVE-2025-32442, CVE-2026-25223); and paths that lead elsewhere.

import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listen } from '../../../support/live-url.ts'
import { sharedLab } from '../../../support/test-lab.ts'

const lab = sharedLab()

/** The status line, headers and body that a server answers to these very bytes. */
async function sendRaw(bytes: string): Promise<string> {
  const [host, port] = (await listen(lab())).split(':')
  const socket = connect(Number(port), host)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.write(bytes)
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => {}))
  return answer
}

describe('the media type of a body', () => {
  const json = JSON.stringify({ reason: 'cleaned' })
  const clear = (type: string, body = json) =>
    lab().send('POST', '/boards/sim0/clear-quarantine', body, { 'content-type': type })

  it.each([
    'text/plain',
    'text/plain; charset=application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/xml',
    'application/json-patch+json',
    'application/jsonx',
    'application / json',
    'application',
    'x application/json',
    'text/plain, application/json',
  ])('%s is refused', async (type) => {
    expect((await clear(type)).body).toMatchObject({
      status: 415,
      code: 'PINLAB_REQUEST_MEDIA_TYPE',
    })
  })

  it.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json ',
    'application/json\t',
    'application/json; charset=utf-8',
    'application/json;',
    'application/json ; charset=utf-16',
    'application/json; application/xml',
  ])('%j is JSON, and is checked like any', async (type) => {
    expect((await clear(type)).body.code).toBe('PINLAB_BOARD_NOT_QUARANTINED')
    for (const wrong of ['{}', '{"reason":7}', '[]', '"cleaned"', 'null']) {
      expect((await clear(type, wrong)).body.code, wrong).toBe('PINLAB_REQUEST_INVALID')
    }
  })

  it('is bytes where bytes are due, and only there', async () => {
    await lab().take()
    const { id } = await lab().lock({ byteLength: 4096 })
    const put = (type: string) =>
      lab().send('PUT', `/dma-sessions/${id}/data`, 'bytes', { 'content-type': type })
    expect((await put('application/octet-stream')).status).toBe(204)
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect((await put(type)).status, type).toBe(415)
    }
    const upload = (type: string) =>
      lab().send('PUT', '/captures/data?board=sim0&format=bin', 'bytes', { 'content-type': type })
    expect((await upload('application/octet-stream')).status).toBe(201)
    for (const type of ['application/json', 'text/csv', 'multipart/form-data; boundary=x']) {
      expect((await upload(type)).status, type).toBe(415)
    }
    const replay = await lab().send('POST', `/captures/${id}/replay`, '{}', {
      'content-type': 'application/octet-stream',
    })
    expect(replay.status).toBe(415)
    const bare = await lab().send('PUT', `/dma-sessions/${id}/data`)
    expect(bare.status).toBe(415)
    const fill = await lab().send('POST', `/dma-sessions/${id}/fill`, '{"pattern":"zero"}', {
      'content-type': 'application/octet-stream',
    })
    expect(fill.status).toBe(415)
  })
})

describe('a body', () => {
  const json = { 'content-type': 'application/json' }
  const send = (body: string) => lab().send('POST', '/boards/sim0/locks', body, json)

  it.each([
    ['that reaches for prototypes', '{"__proto__":{"isAdmin":true},"kind":"contiguous"}'],
    ['that reaches for constructors', '{"constructor":{"prototype":{"isAdmin":true}}}'],
    ['with a byte order mark in the middle', '{"kind":\ufeff"contiguous"}'],
    ['of nested lists', '['.repeat(100_000)],
    ['that ends early', '{"kind":"contig'],
    ['of nothing but spaces', '   '],
    ['with an unknown field', '{"kind":"contiguous","byteLength":4096,"owner":"somebody"}'],
  ])('%s is refused', async (_, body) => {
    const answer = await send(body)
    expect(answer.status).toBe(400)
    expect(answer.body.code).toMatch(/^PINLAB_REQUEST_(MALFORMED|INVALID)$/)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('above the limit is refused, said or not', async () => {
    const MiB = 1024 * 1024
    expect((await send(`{"label":"${'x'.repeat(MiB)}"}`)).body.code).toBe(
      'PINLAB_REQUEST_TOO_LARGE',
    )
    const head = `POST /api/v1/boards/sim0/locks HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${lab().person.token}\r\nContent-Type: application/json\r\nConnection: close\r\n`
    expect(await sendRaw(`${head}Content-Length: ${2 * MiB}\r\n\r\n{`)).toMatch(/^HTTP\/1.1 413 /)
    const chunk = `${MiB.toString(16)}\r\n${'x'.repeat(MiB)}\r\n`
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`
    expect(await sendRaw(chunked)).toMatch(/^HTTP\/1.1 413 /)
  })

  it('of two lengths, or headers without end, is answered by the parser', async () => {
    const smuggled =
      'POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n'
    expect(await sendRaw(smuggled)).toMatch(/^HTTP\/1.1 400 /)
    const long = `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    expect(await sendRaw(long)).toMatch(/^HTTP\/1.1 431 /)
  })

  it('that never comes is given up: a request has two minutes', () => {
    const { requestTimeout, headersTimeout } = lab().app.server
    expect([requestTimeout, headersTimeout]).toEqual([120_000, 60_000])
  })
})

describe('a path', () => {
  it.each([
    '/../package.json',
    '/assets/../../../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/%252e%252e/package.json',
    '//etc/passwd',
    '/assets/%00/etc/passwd',
    '/.env',
    '/api/docs/static/../../../../package.json',
    '/api/docs/static/..%2f..%2f..%2fpackage.json',
    '/api/v1/../../package.json',
  ])('%s leads nowhere', async (path) => {
    const answer = await sendRaw(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 (200|400|403|404) /)
    expect(answer).not.toMatch(/"dependencies"|root:/)
    // Where it is answered at all, then with the one page of the application.
    if (answer.startsWith('HTTP/1.1 200')) expect(answer).toContain('<title>Pinlab')
  })
})
