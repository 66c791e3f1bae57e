// A whole server on simulated boards, its own database file and a fake clock, asked by injection.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyServerOptions, InjectOptions } from 'fastify'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { buildApp } from '../../server/app.ts'
import type { DeviceHost } from '../../server/boards/device-host.ts'
import { LocalDeviceHost } from '../../server/boards/local-device-host.ts'
import type { CheckpointTargets } from '../../server/checkpoint-settings.ts'
import type { LockLimits } from '../../server/config.ts'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import type { Lease } from '../../server/contract/lease.ts'
import type { BoardConfig, SimulatedBoardConfig } from '../../server/lab-config.ts'
import { type Network, onLoopback } from '../../server/network.ts'
import { Database } from '../../server/plugins/database/database.ts'
import { projectRoot } from '../../server/project-root.ts'
import type { ProviderSettings } from '../../server/provider-settings.ts'
import type { WebhookSettings } from '../../server/webhook-settings.ts'
import { FakeClock } from './fake-clock.ts'
import { addTestPerson, type TestPerson } from './people.ts'
import { type AtEnd, temporaryFolder } from './temporary-folder.ts'

const MiB = 1024 * 1024

export const recording = join(projectRoot, 'recordings', 'two-tone.wav')
/** The bytes of our own recording's data chunk: its header is 44 bytes. */
export const recordingData = () => readFileSync(recording).subarray(44)

export const digitizer: SimulatedBoardConfig = {
  id: 'sim0',
  name: 'Simulated digitizer',
  tags: [],
  bus: 'simulated',
  driver: 'xdma',
  config: {
    h2c: ['memory', 'dac'],
    c2h: ['memory', 'adc'],
    memoryMiB: 8,
    fragmentation: 3,
    recording,
  },
}

export interface LabOptions {
  /** Nobody is there yet. */
  isEmpty?: boolean
  boards?: BoardConfig[]
  limits?: Partial<LockLimits>
  dataFolder?: string
  clock?: FakeClock
  /** What the app gets instead of the host, around it. */
  wrapHost?: (host: DeviceHost) => DeviceHost
  provider?: ProviderSettings
  network?: Partial<Network>
  webhooks?: WebhookSettings[]
  checkpoints?: Partial<CheckpointTargets>
  logger?: FastifyServerOptions['logger']
}

export interface Answer<T = never> {
  status: number
  body: T & { code?: string; detail?: string; wdStatus?: string }
  bytes: Buffer
  headers: Record<string, unknown>
}

export class TestLab {
  constructor(
    readonly app: FastifyInstance,
    readonly database: Database,
    readonly clock: FakeClock,
    /** Who asks: an administrator, unless `as` says otherwise. */
    readonly person: TestPerson,
    readonly setUpToken: string,
  ) {}

  /** The same lab, asked by somebody else. */
  as(person: TestPerson): TestLab {
    return new TestLab(this.app, this.database, this.clock, person, this.setUpToken)
  }

  async send<T>(
    method: InjectOptions['method'],
    url: string,
    payload?: unknown,
    headers = {},
  ): Promise<Answer<T>> {
    const answer = await this.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: {
        host: '127.0.0.1',
        authorization: `Bearer ${this.person.token}`,
        ...headers,
      },
      ...(payload === undefined ? {} : { payload: payload as InjectOptions['payload'] }),
    } as InjectOptions)
    const isJson = /[/+]json/.test(String(answer.headers['content-type']))
    return {
      status: answer.statusCode,
      body: (isJson ? answer.json() : {}) as Answer<T>['body'],
      bytes: answer.rawPayload,
      headers: answer.headers,
    }
  }

  get<T>(url: string, headers = {}) {
    return this.send<T>('GET', url, undefined, headers)
  }

  post<T>(url: string, body: unknown = {}) {
    return this.send<T>('POST', url, body)
  }

  async take(board = 'sim0'): Promise<Lease> {
    return (await this.post<Lease>(`/boards/${board}/lease`)).body
  }

  async lock(body: object = {}, board = 'sim0'): Promise<DmaSession> {
    const plain = { kind: 'scatterGather', byteLength: MiB, direction: 'fromDevice', ...large }
    return (await this.post<DmaSession>(`/boards/${board}/locks`, { ...plain, ...body })).body
  }

  async start(session: string, body: object): Promise<Transfer> {
    const plain = { channel: 'c2h1', mode: 'once', offset: 0 }
    return (await this.post<Transfer>(`/dma-sessions/${session}/transfers`, { ...plain, ...body }))
      .body
  }

  /** Plays the recording from its first sample, at so many frames a second; 0 is as fast as can be. */
  async playRecording(rate = 0, board = 'sim0'): Promise<void> {
    await this.post(`/boards/${board}/register-operations`, {
      operations: [
        { op: 'write', register: 'ADC_CTRL', value: '0x100' },
        { op: 'write', register: 'ADC_RATE', value: `0x${rate.toString(16)}` },
      ],
    })
  }
}

export const large = { options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'], maxPages: 4096 }

/** One lab for all tests of the file that calls it. */
export function sharedLab(options: LabOptions = {}): () => TestLab {
  const ends: (() => void | Promise<void>)[] = []
  let lab: TestLab
  beforeAll(async () => {
    lab = await openLab(options, (end) => ends.unshift(end))
  }, 60_000)
  afterAll(async () => {
    for (const end of ends) await end()
  }, 60_000)
  return () => lab
}

export async function openLab(
  options: LabOptions = {},
  atEnd: AtEnd = onTestFinished,
): Promise<TestLab> {
  const { boards = [digitizer], clock = new FakeClock() } = options
  const dataFolder = options.dataFolder ?? temporaryFolder(atEnd)
  const database = await Database.open(dataFolder)
  const { wrapHost = (host: DeviceHost) => host } = options
  const host = wrapHost(await LocalDeviceHost.open(boards, clock))
  const limits = {
    lockedByteLengthPerBoard: 16 * MiB,
    lockedByteLengthPerPerson: 32 * MiB,
    lockedByteLengthPerHost: 64 * MiB,
    locksPerLease: 4,
    captureByteLengthPerPerson: 32 * MiB,
    ...options.limits,
  }
  const network = { ...onLoopback, ...options.network }
  const provider = options.provider ?? null
  const { webhooks = [] } = options
  const checkpoints = { webhooks: [], syslog: [], ...options.checkpoints }
  const config = { network, provider, limits, dataFolder, webhooks, checkpoints }
  let setUpToken = ''
  const app = await buildApp({
    ...{ config, database, host, clock, logger: options.logger ?? false },
    // Whoever asks is in the same process, and two others test beside it: that the loop is late says nothing about the server.
    eventLoopDelayMs: 60_000,
    onSetUpDue(token) {
      setUpToken = token
    },
  }).catch(async (error) => {
    await host.close()
    await database.close()
    throw error
  })
  await app.ready()
  atEnd(() => app.close())
  const person = options.isEmpty ? nobody : await addTestPerson(database, 'admin')
  return new TestLab(app, database, clock, person, setUpToken)
}

const nobody: TestPerson = { id: '', login: '', name: '', role: 'admin', token: '', tokenId: '' }

/** Bytes of this process that are locked into memory. */
export function lockedKiB(): number {
  return Number(/VmLck:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}
