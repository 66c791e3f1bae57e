// All viewers, in one process of their own: each acknowledges every frame, as a page does after painting.

import { WebSocket } from 'ws'
import { liveSubprotocol } from '../../server/contract/frame.ts'
import {
  type ClientOrder,
  framesPerSecond,
  now,
  type Reception,
  viewers,
  windowByteLength,
} from './shape.ts'

let latencies: number[] = []

function view(url: string, onFrame: (frame: Buffer, socket: WebSocket) => void): WebSocket {
  const socket = new WebSocket(url, liveSubprotocol, { perMessageDeflate: false })
  socket.on('message', (data: Buffer, isBinary) => isBinary && onFrame(data, socket))
  socket.on('open', () => {
    const session = '0b1c9f0e-1c62-4a9e-9c36-0c9c3f0e6f10'
    const window = { kind: 'bytes', offset: 0, byteLength: windowByteLength }
    socket.send(JSON.stringify({ op: 'view', id: 1, session, ...window, maxFps: framesPerSecond }))
  })
  return socket
}

/** Stream, seq and capture time are at 4, 8 and 16 of a frame. */
function acknowledge(frame: Buffer, socket: WebSocket): void {
  latencies.push(now() - frame.readDoubleLE(16))
  const ack = { stream: frame.readUInt32LE(4), seq: frame.readUInt32LE(8) }
  socket.send(JSON.stringify({ op: 'ack', acks: [ack] }))
}

async function connect({ url, withStalled }: ClientOrder): Promise<WebSocket[]> {
  const sockets = Array.from({ length: viewers }, () => view(url, acknowledge))
  if (withStalled) sockets.push(view(url, (_, socket) => socket.pause()))
  await Promise.all(sockets.map(firstFrame))
  return sockets
}

/** A viewer that is sent away ends this process, and with it the benchmark, which would wait for its frames in vain. */
function firstFrame(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('message', (_, isBinary) => isBinary && resolve())
    socket.on('close', (code, reason) =>
      reject(new Error(`a viewer was sent away: ${code} ${reason}`)),
    )
  })
}

function received(): Reception {
  latencies.sort((a, b) => a - b)
  const p99Ms = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN
  return { frames: latencies.length, p99Ms }
}

let sockets: WebSocket[] = []

process.on('message', async (order: ClientOrder | 'start' | 'stop' | 'leave') => {
  if (order === 'start') latencies = []
  else if (order === 'stop') process.send?.(received())
  else if (order === 'leave') {
    for (const socket of sockets) socket.terminate()
    process.send?.('left')
  } else {
    sockets = await connect(order)
    process.send?.('connected')
  }
})
process.on('disconnect', () => process.exit())
