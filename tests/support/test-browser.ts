// A browser as the server sees one: it keeps the cookie it is given, and says which page asks.

import type { FastifyInstance, InjectOptions } from 'fastify'
import { type TestPerson, testPassword } from './people.ts'
import type { Answer } from './test-lab.ts'

export class TestBrowser {
  /** `name=value`; empty before signing in. */
  cookie = ''
  /** The whole Set-Cookie of the last answer that had one. */
  setCookie = ''

  constructor(
    readonly app: FastifyInstance,
    /** Where it is, for the server. */
    readonly address = '127.0.0.1',
  ) {}

  /** `headers` are added to what a page of Pinlab sends; one that is undefined is left out. */
  async send<T>(
    method: InjectOptions['method'],
    url: string,
    body?: unknown,
    headers: Record<string, string | undefined> = {},
  ): Promise<Answer<T>> {
    const all = {
      host: '127.0.0.1',
      origin: 'http://127.0.0.1',
      'sec-fetch-site': 'same-origin',
      cookie: this.cookie || undefined,
      ...headers,
    }
    const sent = Object.entries(all).filter(([, value]) => value !== undefined)
    const answer = await this.app.inject({
      method,
      url: `/api/v1${url}`,
      remoteAddress: this.address,
      headers: Object.fromEntries(sent),
      ...(body === undefined ? {} : { payload: body }),
    } as InjectOptions)
    this.#keep(answer.headers['set-cookie'])
    const isJson = String(answer.headers['content-type']).includes('json')
    return {
      status: answer.statusCode,
      body: (isJson ? answer.json() : {}) as Answer<T>['body'],
      bytes: answer.rawPayload,
      headers: answer.headers,
    }
  }

  signIn({ login }: Pick<TestPerson, 'login'>, password = testPassword) {
    return this.send<{ id: string; signIn: string }>('POST', '/login', { login, password })
  }

  #keep(header: string | string[] | undefined): void {
    if (header === undefined) return
    this.setCookie = String(header)
    this.cookie = this.setCookie.split(';')[0] ?? ''
  }
}

/** One that has signed in. */
export async function browserOf(app: FastifyInstance, person: TestPerson): Promise<TestBrowser> {
  const browser = new TestBrowser(app)
  const { status } = await browser.signIn(person)
  if (status !== 200) throw new Error(`${person.login} could not sign in: ${status}`)
  return browser
}
