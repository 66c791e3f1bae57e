import { describe, expect, it } from 'vitest'
import { type FrameHeader, frameFlags } from '../../server/contract/frame.ts'
import { FrameQueue } from '../../web/api/live-frames.ts'

const header = (seq: number, flags = 0): FrameHeader => ({
  kind: 'bytes',
  stream: 7,
  seq,
  flags,
  capturedAt: 0,
  offset: 0,
  byteLength: 1,
  payloadByteLength: 1,
  bytesCompleted: 0,
})
const picture = (value: number) => new Uint8Array([value])
const nothing = new Uint8Array()

describe('FrameQueue', () => {
  it('hands over only the newest of several frames, and counts the replaced one as skipped', () => {
    const queue = new FrameQueue()
    queue.add(header(1), picture(1))
    queue.add(header(2), picture(2))
    expect(queue.take()).toMatchObject([{ header: { seq: 2 }, payload: picture(2), skipped: 1 }])
  })

  it('counts a gap in the sequence as skipped frames', () => {
    const queue = new FrameQueue()
    queue.add(header(1), picture(1))
    queue.take()
    queue.add(header(5), picture(5))
    expect(queue.take()[0]?.skipped).toBe(3)
  })

  it('counts no gap where the sequence wraps around', () => {
    const queue = new FrameQueue()
    queue.add(header(0xffff_ffff), picture(1))
    queue.take()
    queue.add(header(0), picture(2))
    expect(queue.take()[0]?.skipped).toBe(0)
  })

  it('keeps a waiting picture when the next frame says that nothing changed', () => {
    const queue = new FrameQueue()
    queue.add(header(1), picture(1))
    queue.add(header(2, frameFlags.unchanged), nothing)
    expect(queue.take()).toMatchObject([{ header: { seq: 2 }, payload: picture(1), skipped: 0 }])
  })

  it('hands over no payload for an unchanged frame on its own', () => {
    const queue = new FrameQueue()
    queue.add(header(1), picture(1))
    queue.take()
    queue.add(header(2, frameFlags.unchanged), nothing)
    expect(queue.take()[0]?.payload).toBeNull()
  })

  it('remembers an overrun that a replaced frame reported', () => {
    const queue = new FrameQueue()
    queue.add(header(1, frameFlags.overrun), picture(1))
    queue.add(header(2), picture(2))
    expect(queue.take()[0]?.overrun).toBe(true)
  })

  it('knows nothing of a stream that was forgotten', () => {
    const queue = new FrameQueue()
    queue.add(header(1), picture(1))
    queue.forget(7)
    expect(queue.take()).toEqual([])
    queue.add(header(9), picture(9))
    expect(queue.take()[0]?.skipped).toBe(0)
  })
})
