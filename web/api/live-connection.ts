// Joins LiveSocket to the browser: WebSocket, animation frames, visibility and network changes.

import type { liveSubprotocol } from '../../server/contract/live.ts'
import { type Connection, LiveSocket, type Surroundings } from './live-socket.ts'

// The type holds it to the contract, whose file carries schemas that must stay out of the browser.
const subprotocol: typeof liveSubprotocol = 'pinlab.live.v1'

const browser: Surroundings = {
  connect({ onmessage, onclose }) {
    const url = new URL('/api/v1/live', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, subprotocol)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => onmessage(event.data)
    socket.onclose = onclose
    return { send: (text) => socket.send(text), close: () => socket.close() }
  },
  beforeNextPicture: (paint) => requestAnimationFrame(paint),
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

export function openLiveSocket(onconnection: (connection: Connection) => void): LiveSocket {
  const socket = new LiveSocket(browser, onconnection)
  document.addEventListener('visibilitychange', () => socket.setVisible(!document.hidden))
  socket.setVisible(!document.hidden)
  addEventListener('offline', () => socket.drop())
  addEventListener('online', () => socket.start())
  socket.start()
  return socket
}
