// Checkpoints sent to a syslog server: one message each (RFC 5424), over UDP (RFC 5426) or TCP with octet counting (RFC 6587). Neither
// tells whether it was kept; the signature says later whether it is ours.

import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import type { SyslogTarget } from '../checkpoint-settings.ts'
import type { CheckpointSink, NewCheckpoint } from './checkpoint-sinks.ts'

const patienceMs = 10_000
/** Facility 13 (log audit), severity 5 (notice). */
const priority = 13 * 8 + 5

export function checkpointSyslog({ name, transport, host, port }: SyslogTarget): CheckpointSink {
  const send = transport === 'udp' ? sendDatagram : sendByTcp
  return {
    name,
    async send(checkpoint, stopped) {
      const message = syslogMessage(checkpoint, hostname())
      const tooLong = AbortSignal.timeout(patienceMs)
      const signal = AbortSignal.any([stopped, tooLong])
      try {
        await orAborted(signal, send({ host, port, message, signal }))
      } catch (error) {
        if (tooLong.aborted) throw new Error(`It did not answer within ${patienceMs / 1000} s.`)
        const { code } = error as NodeJS.ErrnoException
        throw new Error(`It could not be reached${code ? `: ${code}` : ''}.`, { cause: error })
      }
    },
  }
}

/** ASCII, in one line. The note has lines of its own, so it is in base64. */
export function syslogMessage({ origin, size, at, note }: NewCheckpoint, host: string): string {
  const from = host.replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-'
  const head = `<${priority}>1 ${at.toISOString()} ${from} pinlab ${process.pid} checkpoint -`
  return `${head} origin=${origin} size=${size} note=${Buffer.from(note).toString('base64')}`
}

interface Sending {
  host: string
  port: number
  message: string
  signal: AbortSignal
}

async function sendDatagram({ host, port, message, signal }: Sending): Promise<void> {
  const { address, family } = await lookup(host)
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', signal })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.send(message, port, address, (error) => (error ? reject(error) : resolve()))
    })
  } finally {
    if (!signal.aborted) socket.close()
  }
}

/** Taken, as far as can be known, when the other side has acknowledged our end of the connection by ending its own. */
async function sendByTcp({ host, port, message, signal }: Sending): Promise<void> {
  const socket = connect({ host, port, signal })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('close', () => resolve())
      // Nothing is expected, but what is not read keeps a connection from ending.
      socket.resume()
      socket.end(`${message.length} ${message}`)
    })
  } finally {
    socket.destroy()
  }
}

/** Looking up a name cannot be broken off, only not waited for. */
function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
