// Joins LiveSocket to the browser: WebSocket, animation frames, visibility and network changes.

import { liveSubprotocol } from '../../server/contract/frame.ts'
import { type Connection, LiveSocket } from './live-socket.ts'
import type { Surroundings } from './live-surroundings.ts'

const browser: Surroundings = {
  connect({ onmessage, onclose }) {
    const url = new URL('/api/v1/live', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, liveSubprotocol)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => onmessage(event.data)
    socket.onclose = ({ code }) => onclose(code)
    return { send: (text) => socket.send(text), close: () => socket.close() }
  },
  beforeNextPicture: (paint) => requestAnimationFrame(paint),
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

export function makeLiveSocket(onconnection: (connection: Connection) => void): LiveSocket {
  const socket = new LiveSocket(browser, onconnection)
  document.addEventListener('visibilitychange', () => socket.setVisible(!document.hidden))
  socket.setVisible(!document.hidden)
  addEventListener('offline', () => socket.drop())
  addEventListener('online', () => socket.retry())
  return socket
}
