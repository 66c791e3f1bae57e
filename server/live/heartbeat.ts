// Ends sockets whose other side is gone: each is pinged once a period, and must have answered by the next.

import type { WebSocket } from 'ws'
import type { LiveTimers } from './live-timers.ts'

export class Heartbeat {
  readonly #sockets = new Map<WebSocket, { answered: boolean }>()
  #cancel: (() => void) | null = null

  constructor(
    private readonly timers: LiveTimers,
    private readonly periodMs: number,
  ) {}

  add(socket: WebSocket): void {
    const pulse = { answered: true }
    this.#sockets.set(socket, pulse)
    socket.on('pong', () => {
      pulse.answered = true
    })
    socket.on('close', () => this.#remove(socket))
    this.#cancel ??= this.#next()
  }

  #remove(socket: WebSocket): void {
    this.#sockets.delete(socket)
    if (this.#sockets.size > 0) return
    this.#cancel?.()
    this.#cancel = null
  }

  #next(): () => void {
    return this.timers.after(this.periodMs, () => {
      this.#cancel = this.#next()
      for (const [socket, pulse] of this.#sockets) {
        if (!pulse.answered) socket.terminate()
        else socket.ping()
        pulse.answered = false
      }
    })
  }
}
