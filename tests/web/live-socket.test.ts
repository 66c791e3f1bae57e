import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  frameHeaderByteLength,
  rightLostCode,
  writeFrameHeader,
} from '../../server/contract/frame.ts'
import type { BoardStatus } from '../../server/contract/overview.ts'
import type { LiveFrame } from '../../web/api/live-frames.ts'
import { type Connection, LiveSocket, type ViewRequest } from '../../web/api/live-socket.ts'

/** Stands for the browser and the server: pictures, time and messages come when the test says so. */
class FakeSurroundings {
  sent: Record<string, unknown>[] = []
  connections = 0
  delays: number[] = []
  #handlers: { onmessage(data: string | ArrayBuffer): void; onclose(code?: number): void } | null =
    null
  #picture: (() => void) | null = null
  #later: (() => void) | null = null

  connect(handlers: FakeSurroundings['handlers']) {
    this.connections++
    this.#handlers = handlers
    return { send: (text: string) => void this.sent.push(JSON.parse(text)), close: () => {} }
  }

  get handlers() {
    if (!this.#handlers) throw new Error('not connected')
    return this.#handlers
  }

  beforeNextPicture(paint: () => void) {
    this.#picture = paint
  }

  after(delayMs: number, work: () => void) {
    this.delays.push(delayMs)
    this.#later = work
    return () => {
      this.#later = null
    }
  }

  random = () => 0.5

  say(message: object) {
    this.handlers.onmessage(JSON.stringify(message))
  }

  hello(epoch = 'one') {
    this.say({ op: 'hello', epoch, serverTime: '2027-01-11T14:00:00Z', build: 'x', limits: {} })
  }

  frame(stream: number, seq: number) {
    const bytes = new Uint8Array(frameHeaderByteLength + 1)
    const [kind, flags, capturedAt, offset, byteLength] = ['bytes' as const, 0, 0, 0, 1]
    const payloadByteLength = 1
    writeFrameHeader(bytes, {
      ...{ kind, stream, seq, flags, capturedAt, offset, byteLength },
      ...{ payloadByteLength, bytesCompleted: 0 },
    })
    this.handlers.onmessage(bytes.buffer)
  }

  picture() {
    const paint = this.#picture
    this.#picture = null
    paint?.()
  }

  timePasses() {
    const work = this.#later
    this.#later = null
    work?.()
  }

  lastSent = (op: string) => this.sent.findLast((message) => message.op === op)
}

const request = { session: 's', kind: 'bytes', byteLength: 1 } as ViewRequest
const status = { board: 'sim0', state: 'ready' } as BoardStatus

let around: FakeSurroundings
let connections: Connection[]
let socket: LiveSocket

beforeEach(() => {
  around = new FakeSurroundings()
  connections = []
  socket = new LiveSocket(around, (connection) => connections.push(connection))
  socket.start()
})

function openView(listener: { onframe?: (frame: LiveFrame) => void | Promise<void> } = {}) {
  const onframe = vi.fn(listener.onframe)
  const onclosed = vi.fn()
  const close = socket.view(request, { onframe, onclosed })
  const id = around.lastSent('view')?.id as number
  around.say({ op: 'opened', id, stream: 7, kind: 'bytes', columns: 0, maxFps: 30 })
  return { onframe, onclosed, close, id }
}

describe('LiveSocket', () => {
  it('sends nothing before the server has greeted, then asks for everything', () => {
    socket.watch('sim0', {})
    socket.view(request, { onframe: () => {} })
    expect(around.sent).toEqual([])
    around.hello()
    expect(around.sent.map(({ op }) => op)).toEqual(['watch', 'view'])
  })

  it('shares one watch of a board and tells a later listener the newest status', () => {
    around.hello()
    socket.watch('sim0', {})
    const { id } = around.lastSent('watch') as { id: number }
    around.say({ op: 'event', id, type: 'board', status })
    const onboard = vi.fn()
    socket.watch('sim0', { onboard })
    expect(onboard).toHaveBeenCalledWith(status)
    expect(around.sent.filter(({ op }) => op === 'watch')).toHaveLength(1)
  })

  it('closes a watch when its last listener leaves', () => {
    around.hello()
    const leaveFirst = socket.watch('sim0', {})
    const leaveSecond = socket.watch('sim0', {})
    leaveFirst()
    expect(around.lastSent('close')).toBeUndefined()
    leaveSecond()
    expect(around.lastSent('close')).toBeDefined()
  })

  it('acknowledges after painting, once for all frames of a stream', () => {
    around.hello()
    const { onframe } = openView({ onframe: () => expect(around.lastSent('ack')).toBeUndefined() })
    around.frame(7, 1)
    around.frame(7, 2)
    expect(onframe).not.toHaveBeenCalled()
    around.picture()
    expect(onframe).toHaveBeenCalledOnce()
    expect(around.lastSent('ack')).toEqual({ op: 'ack', acks: [{ stream: 7, seq: 2 }] })
  })

  it('acknowledges a picture that is drawn elsewhere once it is drawn, and only where it came from', async () => {
    const drawn: (() => void)[] = []
    around.hello()
    openView({ onframe: () => new Promise<void>((resolve) => drawn.push(resolve)) })
    around.frame(7, 1)
    around.picture()
    expect(around.lastSent('ack')).toBeUndefined()
    drawn[0]?.()
    await vi.waitFor(() =>
      expect(around.lastSent('ack')).toEqual({ op: 'ack', acks: [{ stream: 7, seq: 1 }] }),
    )
    around.frame(7, 2)
    around.picture()
    around.handlers.onclose()
    around.timePasses()
    around.hello('two')
    around.sent = []
    drawn[1]?.()
    await new Promise(setImmediate)
    expect(around.sent).toEqual([])
  })

  it('asks again for watches and views after a reconnect', () => {
    around.hello()
    socket.watch('sim0', {})
    openView()
    around.handlers.onclose()
    around.sent = []
    around.timePasses()
    expect(around.connections).toBe(2)
    around.hello('two')
    expect(around.sent.map(({ op }) => op)).toEqual(['watch', 'view'])
  })

  it('waits longer after each failure, up to ten seconds, and starts over once greeted', () => {
    for (let i = 0; i < 8; i++) {
      around.handlers.onclose()
      around.timePasses()
    }
    expect(around.delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
    around.hello()
    around.handlers.onclose()
    expect(around.delays.at(-1)).toBe(500)
    expect(connections.at(-1)).toEqual({ state: 'lost', retryInMs: 500 })
  })

  it('closes its views while the page is hidden and opens them under new numbers', () => {
    around.hello()
    const { id } = openView()
    socket.setVisible(false)
    expect(around.lastSent('close')).toEqual({ op: 'close', id })
    socket.setVisible(true)
    expect(around.lastSent('view')?.id).toBeGreaterThan(id)
  })

  it('paints no frame that arrives after its view was closed', () => {
    around.hello()
    const { onframe, close } = openView()
    around.frame(7, 1)
    close()
    around.picture()
    around.frame(7, 2)
    around.picture()
    expect(onframe).not.toHaveBeenCalled()
  })

  it('paints the last frame of a session that ended, which comes right before its end', () => {
    around.hello()
    const { id, onframe, onclosed } = openView()
    around.frame(7, 1)
    around.say({ op: 'closed', id, reason: 'session-ended' })
    expect(onframe.mock.calls.map(([frame]) => frame.header.seq)).toEqual([1])
    expect(onframe.mock.invocationCallOrder[0]).toBeLessThan(
      onclosed.mock.invocationCallOrder[0] ?? 0,
    )
  })

  it('does not ask again for a view that the server closed for good', () => {
    around.hello()
    const { id, onclosed } = openView()
    around.say({ op: 'closed', id, reason: 'session-ended' })
    expect(onclosed).toHaveBeenCalledWith('session-ended')
    around.handlers.onclose()
    around.sent = []
    around.timePasses()
    around.hello()
    expect(around.sent).toEqual([])
  })

  it.each(['server-stopping', 'right-lost'])(
    'asks again for a view that ended with the connection: %s',
    (reason) => {
      around.hello()
      const { id, onclosed } = openView()
      around.say({ op: 'closed', id, reason })
      expect(onclosed).not.toHaveBeenCalled()
      around.handlers.onclose()
      around.sent = []
      around.timePasses()
      around.hello('two')
      expect(around.sent.map(({ op }) => op)).toEqual(['view'])
    },
  )

  it('does not come back by itself after its rights have changed, but when it is told to', () => {
    around.hello()
    socket.watch('sim0', {})
    around.handlers.onclose(rightLostCode)
    expect(connections.at(-1)).toEqual({ state: 'refused' })
    around.timePasses()
    expect([around.connections, around.delays]).toEqual([1, []])
    around.sent = []
    socket.retry()
    around.hello()
    expect(around.sent.map(({ op }) => op)).toEqual(['watch'])
  })

  it('stays away once it was stopped', () => {
    around.hello()
    const { onclose } = around.handlers
    socket.stop()
    onclose()
    socket.retry()
    around.timePasses()
    expect(around.connections).toBe(1)
    expect(connections.at(-1)).toMatchObject({ state: 'open' })
  })

  it('hands a refusal to the view that caused it', () => {
    around.hello()
    const onproblem = vi.fn()
    socket.view(request, { onframe: () => {}, onproblem })
    const problem = { code: 'PINLAB_LIVE_OUT_OF_RANGE' }
    around.say({ op: 'error', id: around.lastSent('view')?.id, problem })
    expect(onproblem).toHaveBeenCalledWith(problem)
  })
})
