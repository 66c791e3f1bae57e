// The floor of the live fan-out: a bare ws server that broadcasts frames of the same length and receives the same acks.

import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { frameHeaderByteLength, writeFrameHeader } from '../../server/contract/frame.ts'
import { answerParent } from './server-process.ts'
import { framesPerSecond, now, windowByteLength } from './shape.ts'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket) => socket.on('message', () => {}))
server.on('listening', () => answerParent((server.address() as AddressInfo).port))

// More than are ever on their way at once, so that none is written while it is sent.
const frames = Array.from({ length: 32 }, () =>
  Buffer.alloc(frameHeaderByteLength + windowByteLength, 1),
)
const periodMs = 1000 / framesPerSecond
const startedAt = performance.now()
let count = 0

function tick(): void {
  const frame = frames[count % frames.length] as Buffer
  writeFrameHeader(frame, {
    kind: 'bytes',
    stream: 1,
    seq: count,
    flags: 0,
    capturedAt: now(),
    offset: 0,
    byteLength: windowByteLength,
    payloadByteLength: windowByteLength,
    bytesCompleted: 0,
  })
  for (const socket of server.clients) socket.send(frame)
  const elapsed = performance.now() - startedAt
  count = Math.max(count + 1, Math.floor(elapsed / periodMs) + 1)
  setTimeout(tick, count * periodMs - elapsed)
}
tick()
