// A syslog server on a port of its own: keeps what it is sent, as it arrived.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { SyslogTarget } from '../../server/checkpoint-settings.ts'

export interface SyslogServer {
  readonly received: string[]
  target(name: string): SyslogTarget
  close(): Promise<void>
}

const host = '127.0.0.1'

export async function udpSyslog(): Promise<SyslogServer> {
  const received: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => received.push(bytes.toString()))
  socket.bind(0, host)
  await once(socket, 'listening')
  const { port } = socket.address()
  let isOpen = true
  const close = async () => {
    if (isOpen) socket.close()
    isOpen = false
  }
  onTestFinished(close)
  return { received, close, target: (name) => ({ name, transport: 'udp', host, port }) }
}

/** Each connection's bytes are one entry. `isDeaf`: it takes connections and ends none. */
export async function tcpSyslog({ port = 0, isDeaf = false } = {}): Promise<SyslogServer> {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: isDeaf }, (socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('end', () => received.push(text))
    socket.on('error', () => {})
  })
  server.listen(port, host)
  await once(server, 'listening')
  const taken = (server.address() as AddressInfo).port
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return { received, close, target: (name) => ({ name, transport: 'tcp', host, port: taken }) }
}
