// Messages that are too long, too many, or none; and sockets without number.

import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { liveSubprotocol } from '../../../../server/contract/frame.ts'
import { liveLimits } from '../../../../server/live/live-rules.ts'
import { connectLive, listen } from '../../../support/live-url.ts'
import { addTestPerson } from '../../../support/people.ts'
import { sharedLab } from '../../../support/test-lab.ts'

const lab = sharedLab()

/** Sends these very bytes as frames after a good handshake, and says with what code the server ends it. */
async function sendFrames(...frames: Buffer[]): Promise<number> {
  const [host, port] = (await listen(lab())).split(':')
  const socket = connect(Number(port), host)
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => {})
  const headers = [
    'GET /api/v1/live HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${lab().person.token}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${liveSubprotocol}`,
  ]
  socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  await expect.poll(() => Buffer.concat(received).includes('"op":"hello"')).toBe(true)
  received.length = 0
  for (const frame of frames) socket.write(frame)
  await new Promise((resolve) => socket.on('close', resolve))
  const all = Buffer.concat(received)
  const close = all.indexOf(0x88)
  return close < 0 ? 0 : all.readUInt16BE(close + 2)
}

/** A client's frame, masked with zeros. */
function frame(firstByte: number, payload: Buffer, said = payload.byteLength): Buffer {
  const head = Buffer.alloc(14)
  head[0] = firstByte
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(said), 2)
  return Buffer.concat([head, payload])
}

const text = (length: number) => Buffer.alloc(length, ' ')

it.each([
  ['longer than 64 KiB', 1009, [frame(0x81, text(64 * 1024 + 1))]],
  ['said to be of 2^53 bytes', 1009, [frame(0x81, text(8), 2 ** 53)]],
  ['longer than 64 KiB in pieces', 1009, [frame(0x01, text(40_000)), frame(0x80, text(40_000))]],
  ['of no kind', 1002, [frame(0x83, text(1))]],
  ['compressed, which nobody agreed on', 1002, [frame(0xc1, text(1))]],
  ['not masked', 1002, [Buffer.from([0x81, 0x01, 0x20])]],
  ['no UTF-8', 1007, [frame(0x81, Buffer.from([0xff, 0xfe]))]],
])('a message %s ends the socket with %i', async (_, code, frames) => {
  expect(await sendFrames(...frames)).toBe(code)
})

it('of 64 KiB is read, and the socket lives on', async () => {
  const client = await connectLive(lab())
  // It was offered compression, by which a short message becomes a long one.
  expect(client.socket.extensions).toBe('')
  client.socket.send(`{"op":"watch","id":1,"board":"sim0"}`.padEnd(64 * 1024, ' '))
  await client.message('watching', 1)
  client.socket.close()
})

it.each(['null', '[]', '7', '""', '{"op":"__proto__"}', '{"op":"watch","id":1e99,"board":"sim0"}'])(
  '%s is answered, and a hundred such end the socket',
  async (message) => {
    const client = await connectLive(lab())
    for (let n = 0; n < liveLimits.unreadableMessages; n += 1) client.socket.send(message)
    expect((await client.end()).code).toBe(1008)
    expect(await client.codeOf(0)).toBe('PINLAB_LIVE_MESSAGE_INVALID')
  },
)

it('a person has fifty sockets; one more is told why not, and others have theirs', async () => {
  const person = await addTestPerson(lab().database, 'operator')
  const clients = await Promise.all(
    Array.from({ length: liveLimits.socketsPerPerson }, () => connectLive(lab(), person)),
  )
  await Promise.all(clients.map((client) => client.message('hello')))
  const late = await connectLive(lab(), person)
  expect((await late.message('error')).problem.code).toBe('PINLAB_LIVE_SOCKET_LIMIT')
  expect((await late.end()).code).toBe(1013)
  const other = await connectLive(lab(), await addTestPerson(lab().database, 'viewer'))
  await other.message('hello')
  clients[0]?.socket.close()
  await clients[0]?.end()
  const next = await connectLive(lab(), person)
  await next.message('hello')
  for (const client of [...clients, other, next]) client.socket.terminate()
})
