// A virtual machine with an IOMMU and three real DMA engines, which runs commands inside the project's tree.

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket as FrameSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandOptions, type CommandResult, runCommand } from './command.ts'
import { freeTcpPort, freeUdpPort } from './free-ports.ts'
import { prepareGuest } from './prepare.ts'
import { type BoardModel, qemuArguments } from './qemu.ts'

export interface GuestOptions {
  /** In the order of their PCI addresses. */
  boards?: BoardModel[]
  memoryMiB?: number
  /** Gets each line of the console, and of QEMU's own messages. */
  onLine?: (line: string) => void
}

export interface Guest {
  /** What the console and QEMU said last. */
  console(): string
  /** Runs a shell script in the project's folder; rejects when the machine ends meanwhile. */
  run(script: string, options?: CommandOptions): Promise<CommandResult>
  /** PCI addresses of its boards. */
  addresses: ReadonlyMap<BoardModel, string>
  /** Where the guest's 127.0.0.1:8080 is reached from outside. */
  url: string
  /** Each datagram is one Ethernet frame for the e1000e. */
  sendFrame(frame: Uint8Array): Promise<void>
  /** How the machine ended, where it has. */
  ended(): { code: number | null; signal: NodeJS.Signals | null } | null
  /** Ends the machine as pulling its plug would. */
  end(): Promise<void>
}

const nvmeByteLength = 128 * 1024 * 1024
const consoleLines = 400
// An emulated machine on a busy host takes many times the 4 s that it needs on an idle one.
const bootTimeoutMs = 180_000

export async function bootGuest({
  boards = ['edu', 'nvme', 'e1000e'],
  memoryMiB = 1024,
  onLine,
}: GuestOptions = {}): Promise<Guest> {
  const images = prepareGuest()
  const folder = mkdtempSync(join(tmpdir(), 'pinlab-guest-'))
  const frames = await openFrameSocket()
  const ports = {
    command: await freeTcpPort(),
    server: await freeTcpPort(),
    framesFrom: frames.address().port,
    framesTo: await freeUdpPort(),
  }
  const nvme = join(folder, 'nvme.img')
  writeFileSync(nvme, '')
  truncateSync(nvme, nvmeByteLength)
  const machine = new Machine(qemuArguments({ boards, memoryMiB, images, ports, nvme }), onLine)
  const end = async () => {
    await machine.end()
    frames.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const run: Guest['run'] = (script, options) =>
    machine.whileRunning(runCommand(ports.command, script, options))
  let addresses: Guest['addresses']
  try {
    await machine.says('The guest is ready', bootTimeoutMs)
    addresses = boardAddresses((await run('cat /etc/boards')).output.toString())
  } catch (error) {
    await end()
    throw error
  }
  return {
    console: () => machine.lines.join('\n'),
    run,
    addresses,
    url: `http://127.0.0.1:${ports.server}`,
    sendFrame: (frame) =>
      new Promise((resolve, reject) => {
        frames.send(frame, ports.framesTo, '127.0.0.1', (error) =>
          error ? reject(error) : resolve(),
        )
      }),
    ended: () => machine.ended,
    end,
  }
}

/** From the variables that init made of them. */
function boardAddresses(text: string): Map<BoardModel, string> {
  const found = text.matchAll(/PINLAB_TEST_(EDU|NVME|E1000E)=(\S+)/g)
  return new Map([...found].map(([, name, at]) => [name?.toLowerCase() as BoardModel, at ?? '']))
}

async function openFrameSocket(): Promise<FrameSocket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** QEMU as a child that dies with this process, and the end of what it wrote. */
class Machine {
  readonly lines: string[] = []
  ended: { code: number | null; signal: NodeJS.Signals | null } | null = null
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  readonly #listeners = new Set<(line: string) => void>()

  constructor(parameters: string[], onLine?: (line: string) => void) {
    if (onLine) this.#listeners.add(onLine)
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#add(error.message))
      this.#child.on('close', (code, signal) => {
        this.ended = { code, signal }
        resolve()
      })
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = ''
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split(/\r?\n/)
        rest = parts.pop() ?? ''
        for (const line of parts) this.#add(line)
      })
    }
  }

  async says(sentence: string, timeoutMs: number): Promise<void> {
    let stopListening = () => {}
    let timer: NodeJS.Timeout | undefined
    const said = new Promise<void>((resolve, reject) => {
      const listener = (line: string) => line.includes(sentence) && resolve()
      this.#listeners.add(listener)
      stopListening = () => this.#listeners.delete(listener)
      timer = setTimeout(
        () => reject(this.#failure(`did not say "${sentence}" within ${timeoutMs / 1000} s`)),
        timeoutMs,
      )
    })
    try {
      await this.whileRunning(said)
    } finally {
      clearTimeout(timer)
      stopListening()
    }
  }

  /** The work's result; rejects when the machine ends first. */
  whileRunning<T>(work: Promise<T>): Promise<T> {
    return Promise.race([
      work,
      this.#gone.then(() => {
        throw this.#failure(`ended (${this.ended?.signal ?? this.ended?.code})`)
      }),
    ])
  }

  async end(): Promise<void> {
    if (this.ended === null) this.#child.kill('SIGKILL')
    await this.#gone
  }

  #failure(what: string): Error {
    return new Error(`the guest ${what}; it said last:\n${this.lines.slice(-40).join('\n')}`)
  }

  #add(line: string): void {
    this.lines.push(line)
    if (this.lines.length > consoleLines) this.lines.shift()
    for (const listener of [...this.#listeners]) listener(line)
  }
}
