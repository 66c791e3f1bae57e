// A lab in this process that serves the built pages on a real port. Its time goes on as time does, and jumps when the test says so,
// for the server and for every page alike.

import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { openPage } from './browser.ts'
import { FakeClock } from './fake-clock.ts'
import { addTestPerson, type TestPerson, testPassword } from './people.ts'
import { type LabOptions, openLab, type TestLab } from './test-lab.ts'

type PageOptions = Parameters<Browser['newContext']>[0]
type Opened = Awaited<ReturnType<typeof openPage>>

/** Short enough that what is due each second is never much late. */
const flowMs = 200

export class ServedLab {
  readonly #opened: Opened[] = []
  /** Time moves in one place at a time: the clock waits for what is due. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(
    readonly lab: TestLab,
    readonly clock: FakeClock,
    readonly url: string,
  ) {}

  static async open(options: LabOptions = {}): Promise<ServedLab> {
    const clock = options.clock ?? new FakeClock()
    const lab = await openLab({ ...options, clock })
    await lab.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = lab.app.server.address() as AddressInfo
    const served = new ServedLab(lab, clock, `http://127.0.0.1:${port}`)
    let last = performance.now()
    const flow = setInterval(() => {
      const now = performance.now()
      void served.#advance(now - last)
      last = now
    }, flowMs)
    onTestFinished(async () => {
      clearInterval(flow)
      await served.#turn
    })
    return served
  }

  addPerson(role: TestPerson['role'] = 'operator'): Promise<TestPerson> {
    return addTestPerson(this.lab.database, role)
  }

  /** A page on which this person is signed in. */
  async openAs(browser: Browser, { login }: TestPerson, options?: PageOptions): Promise<Opened> {
    const opened = await openPage(browser, options)
    this.#opened.push(opened)
    await opened.page.clock.install()
    const answer = await opened.context.request.post(`${this.url}/api/v1/login`, {
      data: { login, password: testPassword },
      headers: { origin: this.url },
    })
    if (!answer.ok()) throw new Error(`${login} could not sign in: ${await answer.text()}`)
    return opened
  }

  /** Time jumps forward. */
  async skip(ms: number): Promise<void> {
    await this.#advance(ms)
    for (const { page } of this.#opened) await page.clock.fastForward(ms)
  }

  /** To so long before that moment. */
  skipTo(moment: string, beforeMs = 0): Promise<void> {
    return this.skip(Date.parse(moment) - beforeMs - this.clock.now())
  }

  #advance(ms: number): Promise<void> {
    this.#turn = this.#turn.then(() => this.clock.advance(ms))
    return this.#turn
  }
}
