// Whoever asks whatever, in whatever order: nothing breaks, and nobody gets what the documents do not give.

import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { expect, it } from 'vitest'
import { roles, type Scope, scopes } from '../../../server/contract/identity.ts'
import { readPerson, readToken } from '../../../server/identity/identity-store.ts'
import { useCheapHashes } from '../../support/cheap-hashes.ts'
import { addTestPerson, type TestPerson } from '../../support/people.ts'
import { documentedRoutes, isDocumented } from '../../support/permission-tables.ts'
import { holds, propertyTimeoutMs } from '../../support/properties.ts'
import {
  type RandomRequest,
  type Route,
  randomRequest,
  routesOf,
} from '../../support/random-requests.ts'
import { browserOf } from '../../support/test-browser.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'

useCheapHashes()

/** What a board, or an option that nobody has built yet, may rightly answer. */
const documentedFailures = new Set([
  'PINLAB_LOCK_NOT_IMPLEMENTED',
  'PINLAB_DATA_FORMAT',
  'PINLAB_BOARD_FAULT',
  'PINLAB_BOARD_LINK_LOST',
  'PINLAB_BOARD_NOT_IDLE',
  'PINLAB_SERVER_BUSY',
  'PINLAB_REGISTER_TIME_OUT',
  'PINLAB_TRANSFER_TIME_OUT',
  'PINLAB_LOCK_RESOURCES',
])

interface Asker {
  person: TestPerson
  /** Null for a browser. */
  scopes: readonly Scope[] | null
  headers: Record<string, string>
}

interface World {
  lab: TestLab
  askers: Asker[]
  /** Told by answers so far, newest last, by what they are ids of. */
  ids: Record<Kind, string[]>
}

type Kind = 'lease' | 'session' | 'person' | 'token' | 'signIn' | 'recipe' | 'run'

/** What the ids in a path, or in the answer of its route, are ids of. */
function kindOf(path: string): Kind {
  if (/lease/.test(path)) return 'lease'
  if (/users/.test(path)) return 'person'
  if (/recipe-runs/.test(path)) return 'run'
  if (/recipes/.test(path)) return 'recipe'
  if (/me\/tokens/.test(path)) return 'token'
  return /me\/sessions/.test(path) ? 'signIn' : 'session'
}

/** The one who holds the board at first. */
const holder = 3

async function openWorld(lab: TestLab): Promise<World> {
  const askers: Asker[] = [{ person: lab.person, scopes: null, headers: {} }]
  const add = async (role: TestPerson['role'], held?: Scope[]) => {
    const person = await addTestPerson(lab.database, role, held)
    const authorization = `Bearer ${person.token}`
    askers.push({ person, scopes: held ?? [...scopes], headers: { authorization } })
  }
  for (const role of roles) {
    await add(role)
    const person = await addTestPerson(lab.database, role)
    const { cookie } = await browserOf(lab.app, person)
    askers.push({ person, scopes: null, headers: { cookie, origin: 'http://127.0.0.1' } })
  }
  await add('operator', ['read', 'book'])
  await add('admin', ['read'])

  const own = lab.as(askers[holder]?.person ?? lab.person)
  const { id: lease } = await own.take()
  const { id: session } = await own.lock({ byteLength: 65_536 })
  await own.start(session, { mode: 'cyclic', byteLength: 65_536, blockByteLength: 4096 })
  const person = askers.map((asker) => asker.person.id)
  const token = askers.map((asker) => asker.person.tokenId)
  const none = { signIn: [], recipe: [], run: [] }
  return { lab, askers, ids: { lease: [lease], session: [session], person, token, ...none } }
}

/** What this person may do now, as the database says; null for nobody. */
async function standing({ lab }: World, { person, scopes: held, headers }: Asker) {
  const { reader } = lab.database
  const row = await readPerson(reader, person.id)
  if (!row || row.disabledAt || Object.keys(headers).length === 0) return null
  if (held && (await readToken(reader, person.tokenId))?.revokedAt) return null
  return { role: row.role, scopes: held }
}

function toInject(request: RandomRequest, { ids }: World, asker: Asker): InjectOptions {
  const { route, path, query, headers, type, body } = request
  const own = ids[kindOf(route.path)]
  const known = (text: string) => {
    const [, n] = /^#(\d+)$/.exec(text) ?? []
    // The newest first: they are what can be worked with.
    return n === undefined ? text : (own.at(-1 - (Number(n) % Math.max(1, own.length))) ?? '')
  }
  const url = route.path.replace(/{(\w+)}/g, (_, name) =>
    encodeURIComponent(known(path[name] ?? '')),
  )
  const texts = Object.entries(query).map(([name, value]): [string, string] => [name, known(value)])
  const printable = Object.entries(headers).map(([name, value]) => [
    name,
    value.replaceAll(/[^\x20-\x7e]/g, '?'),
  ])
  const hasBody = route.method !== 'GET' && body !== undefined
  return {
    method: route.method,
    url: `${url}?${new URLSearchParams(texts)}`,
    headers: {
      host: '127.0.0.1',
      ...(hasBody ? { 'content-type': type } : {}),
      ...Object.fromEntries(printable),
      ...asker.headers,
    },
    ...(hasBody ? { payload: body } : {}),
  } as InjectOptions
}

const permissionOf = ({ method, path }: Route) =>
  documentedRoutes.find(
    (one) => one.method === method && one.url === path.replaceAll(/{(\w+)}/g, ':$1'),
  )?.permission ?? 'undocumented'

async function step(world: World, request: RandomRequest, asker: Asker): Promise<void> {
  const permission = permissionOf(request.route)
  const before = await standing(world, asker)
  const options = toInject(request, world, asker)
  const answer = await world.lab.app.inject(options)
  const isJson = String(answer.headers['content-type']).includes('json')
  // What was only begun answers null.
  const body = (isJson ? answer.json() : null) ?? {}
  const told = `${asker.person.role}: ${options.method} ${options.url} → ${answer.statusCode} ${body.code}: ${body.detail}`

  if (answer.statusCode >= 500) expect(documentedFailures, told).toContain(body.code)
  if (answer.statusCode >= 400) expect(body.code, told).toMatch(/^PINLAB_/)
  if (permission !== 'public') {
    if (!before) expect([401, 404], told).toContain(answer.statusCode)
    else if (!isDocumented(permission, before))
      expect([401, 403, 404], told).toContain(answer.statusCode)
  }
  if (answer.statusCode < 400)
    await expectOwn(world, { url: String(options.url), permission, told }, asker)
  if (answer.statusCode < 400) remember(world, request.route, body)
}

/** What was done to a DMA session was done by whoever has the board; what was read is theirs, or they may read all. */
async function expectOwn(
  world: World,
  { url, permission, told }: { url: string; permission: string; told: string },
  asker: Asker,
): Promise<void> {
  const [, id] = /dma-sessions\/([0-9a-f-]{36})/.exec(url) ?? []
  if (id === undefined) return
  const { reader } = world.lab.database
  const session = await reader.dmaSession.findUnique({ where: { id } })
  const now = await standing(world, asker)
  if (permission === 'board.control') {
    const lease = await reader.lease.findUnique({
      where: { id: session?.leaseId ?? '' },
      include: { members: true },
    })
    const members = lease?.members.map(({ personId }) => personId) ?? []
    expect([lease?.holder, ...members], told).toContain(asker.person.id)
  } else if (!now || !isDocumented('session.read-all', now)) {
    expect(session?.owner, told).toBe(asker.person.id)
  }
}

function remember({ ids }: World, { path }: Route, body: unknown): void {
  // A board tells of leases and sessions alike.
  if (/boards(\/{board})?$/.test(path)) return
  const own = ids[kindOf(path)]
  for (const [, id = ''] of JSON.stringify(body).matchAll(/"id":"([0-9a-f-]{36})"/g)) {
    if (!own.includes(id)) own.push(id)
  }
}

it(
  'random requests by random people break nothing and get nothing that is not theirs',
  async () => {
    const described = await openLab()
    const { paths = {} } = described.app.swagger() as unknown as {
      paths?: Parameters<typeof routesOf>[0]
    }
    const routes = routesOf(paths)
    expect(routes.length).toBeGreaterThan(30)
    for (const route of routes) expect(permissionOf(route), route.path).not.toBe('undocumented')

    // Work on a board comes more often; releasing it ends that, and signing in is soon held up.
    const weightOf = ({ path }: Route) => {
      if (/release|login|logout|setup|links/.test(path)) return 1
      return /locks|lease|transfers|data|fill|register/.test(path) ? 6 : 2
    }
    const request = fc.oneof(
      ...routes.map((route) => ({ arbitrary: randomRequest(route), weight: weightOf(route) })),
    )
    const asker = fc.oneof(fc.nat(10), fc.constant(holder))
    const one = fc.record({ request, asker })
    const property = fc.asyncProperty(
      fc.array(one, { minLength: 1, maxLength: 120, size: 'max' }),
      async (steps) => {
        const lab = await openLab()
        const world = await openWorld(lab)
        for (const { request: next, asker: at } of steps) {
          const who = world.askers[at]
          if (who) await step(world, next, who)
        }
        await lab.app.close()
      },
    )
    await holds(property, 6)
  },
  propertyTimeoutMs,
)
