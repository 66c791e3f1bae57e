// The outside half of serve-command: a script goes in, what it wrote and its exit code come back.

import { connect } from 'node:net'

export interface CommandResult {
  exitCode: number
  output: Buffer
}

export interface CommandOptions {
  /** Gets the output as it comes. */
  onOutput?: (chunk: Buffer) => void
  timeoutMs?: number
}

const outputLimit = 64 * 1024 * 1024
const trailer = /\nexit (\d+)\n$/
const trailerByteLength = '\nexit 255\n'.length

export function runCommand(
  port: number,
  script: string,
  { onOutput, timeoutMs = 300_000 }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(
      () => fail(new Error(`the guest's command took more than ${timeoutMs / 1000} s: ${script}`)),
      timeoutMs,
    )
    let output = Buffer.alloc(0)
    let shown = 0
    const fail = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const show = (end: number) => {
      if (end <= shown) return
      onOutput?.(output.subarray(shown, end))
      shown = end
    }
    socket.on('connect', () => socket.write(`${Buffer.byteLength(script)}\n${script}`))
    socket.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk])
      if (output.byteLength > outputLimit) fail(new Error(`the guest's command says too much`))
      show(output.byteLength - trailerByteLength)
    })
    socket.on('error', fail)
    socket.on('close', () => {
      const [matched, code] =
        trailer.exec(output.subarray(-trailerByteLength).toString('latin1')) ?? []
      if (matched === undefined) {
        return fail(new Error(`the guest's command broke off: ${output.subarray(-2000)}`))
      }
      clearTimeout(timer)
      const end = output.byteLength - matched.length
      show(end)
      resolve({ exitCode: Number(code), output: output.subarray(0, end) })
    })
  })
}
