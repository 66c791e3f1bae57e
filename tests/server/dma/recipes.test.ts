// Recipes over HTTP: each kind of step on a simulated board, and what ends a run early.

import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { RegisterOperation } from '../../../server/contract/board.ts'
import type { DmaSession } from '../../../server/contract/dma-session.ts'
import { recipeLimits } from '../../../server/contract/limits.ts'
import type { BoardDetail } from '../../../server/contract/overview.ts'
import type { Recipe, RecipeRun, RecipeStep } from '../../../server/contract/recipe.ts'
import { addTestPerson } from '../../support/people.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

const KiB = 1024
const ring = { kind: 'scatterGather', byteLength: 64 * KiB, direction: 'fromDevice' }
const lock = { op: 'lock', as: 'ring', ...ring, options: ['LARGE_BUFFER'], maxPages: 64 }
const play: RegisterOperation[] = [
  { op: 'write', register: 'ADC_CTRL', value: '0x0' },
  { op: 'update', register: 'ADC_CTRL', mask: '0xf00', value: '0x400' },
]
const once = { op: 'start', lock: 'ring', as: 'run', channel: 'c2h1', mode: 'once' }
const cyclic = { ...once, mode: 'cyclic', byteLength: 64 * KiB, blockByteLength: 4 * KiB }

async function begin(lab: TestLab, steps: object[], board = 'sim0') {
  return lab.post<RecipeRun>(`/boards/${board}/recipe-runs`, { name: 'test', steps })
}

async function ended(lab: TestLab, { id }: { id: string }): Promise<RecipeRun> {
  return (await lab.get<RecipeRun>(`/recipe-runs/${id}?waitSeconds=30`)).body
}

const run = async (lab: TestLab, steps: object[]) => ended(lab, (await begin(lab, steps)).body)

/** Until a run is at this step, counted from 0. */
async function atStep(lab: TestLab, { id }: { id: string }, index: number): Promise<void> {
  const now = async () => (await lab.get<RecipeRun>(`/recipe-runs/${id}`)).body
  await expect.poll(async () => (await now()).stepsDone, { timeout: 30_000 }).toBe(index)
}

const eventsOf = async (lab: TestLab, type: string) =>
  (await lab.database.reader.auditEvent.findMany({ where: { type }, orderBy: { seq: 'asc' } })).map(
    ({ payload }) => JSON.parse(payload),
  )

describe('a run', () => {
  const shared = sharedLab()

  it('needs the lease', async () => {
    const answer = await begin(shared(), [{ op: 'comment', text: '' }])
    expect(answer.body.code).toBe('PINLAB_LEASE_REQUIRED')
    await shared().take()
  })

  it('does each kind of step, tells what came of it, and is in the record', async () => {
    const lab = shared()
    const result = await run(lab, [
      { op: 'comment', text: 'counts into a ring' },
      { op: 'registers', operations: play },
      lock,
      { op: 'fill', lock: 'ring', pattern: 'zero' },
      { ...once, byteLength: 64 * KiB },
      { op: 'wait', transfer: 'run', timeoutMs: 30_000 },
      { op: 'capture', lock: 'ring', name: 'counted' },
      { ...cyclic, as: 'round' },
      { op: 'wait', transfer: 'round', bytesCompleted: 8 * KiB, timeoutMs: 30_000 },
      { op: 'stop', transfer: 'round' },
      { op: 'pause', ms: 1 },
      { op: 'unlock', lock: 'ring' },
    ])
    expect(result).toMatchObject({ state: 'done', stepsDone: 12, failure: null, locks: [] })
    const [, registers, locked, , started, waited, captured, , filled] = result.results
    expect(registers?.values).toEqual(['0x0', '0x400'])
    expect(started).toMatchObject({ session: locked?.session, transfer: 1 })
    expect(waited?.bytesCompleted).toBe(64 * KiB)
    expect(filled?.bytesCompleted).toBeGreaterThanOrEqual(8 * KiB)
    const { bytes } = await lab.get(`/captures/${captured?.capture}/data`)
    expect(bytes.byteLength).toBe(64 * KiB)
    expect(bytes.some((byte) => byte !== 0)).toBe(true)

    const [began] = await eventsOf(lab, 'recipe.started')
    expect(began.detail).toMatchObject({ run: result.id, name: 'test', steps: 12 })
    const [over] = await eventsOf(lab, 'recipe.ended')
    expect(over).toMatchObject({ actor: lab.person.id, board: 'sim0' })
    expect(over.detail).toMatchObject({ run: result.id, state: 'done', stepsDone: 12 })
    const [asked] = await eventsOf(lab, 'dma.lock.requested')
    expect(asked).toMatchObject({ actor: lab.person.id, request: began.request })
  })

  it('ends at the step that fails, says which and why, stops its transfers and leaves its locks', async () => {
    const lab = shared()
    const result = await run(lab, [
      lock,
      cyclic,
      { op: 'registers', operations: [{ op: 'read', register: 'NOPE' }] },
      { op: 'unlock', lock: 'ring' },
    ])
    const [made] = result.results
    expect(result).toMatchObject({
      state: 'failed',
      stepsDone: 2,
      current: { op: 'registers' },
      failure: { code: 'PINLAB_REGISTER_UNKNOWN' },
      locks: [{ as: 'ring', session: made?.session }],
    })
    const session = (await lab.get<DmaSession>(`/dma-sessions/${made?.session}`)).body
    expect(session).toMatchObject({ state: 'locked', transfers: [{ state: 'stopped' }] })
    const over = (await eventsOf(lab, 'recipe.ended')).at(-1)
    expect(over.detail).toMatchObject({ state: 'failed', failedStep: 3 })
    await lab.post(`/dma-sessions/${made?.session}/unlock`)
  })

  it('does not wait for ever', async () => {
    const lab = shared()
    const slow = { op: 'write', register: 'ADC_RATE', value: '0x1' }
    const { failure } = await run(lab, [
      { op: 'registers', operations: [slow] },
      lock,
      cyclic,
      { op: 'wait', transfer: 'run', bytesCompleted: 64 * KiB, timeoutMs: 10 },
    ])
    expect(failure).toMatchObject({ code: 'PINLAB_RECIPE_WAIT', wdStatus: 'WD_TIME_OUT_EXPIRED' })
  })

  it('is stopped by whoever shares the lease, while it pauses; another begins only then', async () => {
    const lab = shared()
    const { body: board } = await lab.get<BoardDetail>('/boards/sim0')
    const id = board.status.lease?.id
    const member = await addTestPerson(lab.database, 'operator')
    const stranger = lab.as(await addTestPerson(lab.database, 'operator'))
    await lab.send('PUT', `/leases/${id}/members`, { logins: [member.login] })
    const pausing = (await begin(lab, [{ op: 'pause', ms: 60_000 }])).body
    const second = await begin(lab, [{ op: 'comment', text: '' }])
    expect(second.body.code).toBe('PINLAB_RECIPE_RUNNING')
    const stop = `/recipe-runs/${pausing.id}/stop`
    expect((await stranger.post(stop)).body.code).toBe('PINLAB_RECIPE_RUN_UNKNOWN')
    expect((await stranger.get<{ items: [] }>('/recipe-runs')).body.items).toEqual([])
    expect((await lab.as(member).post<RecipeRun>(stop)).body.state).toBe('stopped')
    expect(await run(lab, [{ op: 'comment', text: '' }])).toMatchObject({ state: 'done' })
  })

  it('ends with the lease, and with the token that began it', async () => {
    const lab = await openLab()
    const lease = await lab.take()
    const pause = [lock, cyclic, { op: 'pause', ms: 60_000 }]
    const first = (await begin(lab, pause)).body
    await atStep(lab, first, 2)
    await lab.post(`/leases/${lease.id}/release`)
    expect(await ended(lab, first)).toMatchObject({
      state: 'failed',
      failure: { code: 'PINLAB_LEASE_ENDED' },
    })

    const keeper = await addTestPerson(lab.database, 'admin')
    await expect.poll(async () => (await lab.take()).id ?? null).not.toBeNull()
    const second = (await begin(lab, [{ op: 'pause', ms: 60_000 }])).body
    await lab.send('PATCH', `/users/${lab.person.id}`, { role: 'viewer' }, { 'if-match': '"1"' })
    expect(await ended(lab.as(keeper), second)).toMatchObject({
      state: 'failed',
      failure: { code: 'PINLAB_SIGN_IN_REQUIRED' },
    })
  })

  it('ends when the server does, and the record says so', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    await lab.take()
    await begin(lab, [{ op: 'pause', ms: 60_000 }])
    await lab.app.close()
    const file = new SqliteDatabase(join(dataFolder, 'pinlab.db'), { readonly: true })
    const rows = file.prepare("SELECT payload FROM AuditEvent WHERE type = 'recipe.ended'").all()
    file.close()
    expect(rows).toHaveLength(1)
    expect(JSON.parse((rows[0] as { payload: string }).payload).detail).toMatchObject({
      failure: { code: 'PINLAB_SERVER_RESTARTED' },
    })
  })
})

describe('saved recipes', () => {
  const lab = sharedLab()
  const steps = [lock, { op: 'unlock', lock: 'ring' }] as unknown as RecipeStep[]
  const save = (by: TestLab, body: object = {}) =>
    by.post<Recipe>('/recipes', { name: 'lock and unlock', board: 'sim0', steps, ...body })
  const change = (by: TestLab, { id, version }: Recipe, body: object) =>
    by.send<Recipe>('PATCH', `/recipes/${id}`, body, { 'if-match': `"${version}"` })

  it('say which step is wrong, and what of it', async () => {
    const codeAndField = async (step: object) => {
      const { body } = await save(lab(), { steps: [steps[0], step] })
      const { code, errors, step: at } = body as never as Record<string, unknown>
      return [code, at ?? (errors as { field: string }[])[0]?.field]
    }
    expect(await codeAndField({ op: 'fill', lock: 'ring', pattern: 'stripes' })).toEqual([
      'PINLAB_REQUEST_INVALID',
      '/steps/1/pattern',
    ])
    expect(await codeAndField({ op: 'jump' })).toEqual(['PINLAB_REQUEST_INVALID', '/steps/1'])
    expect(await codeAndField({ op: 'unlock', lock: 'rong' })).toEqual(['PINLAB_RECIPE_INVALID', 2])
    expect(await codeAndField(lock)).toEqual(['PINLAB_RECIPE_INVALID', 2])
    expect(await codeAndField({ op: 'stop', transfer: 'run' })).toEqual([
      'PINLAB_RECIPE_INVALID',
      2,
    ])
    const operations = Array(256).fill({ op: 'read', register: 'ID' })
    const many = await save(lab(), { steps: Array(4).fill({ op: 'registers', operations }) })
    expect(many.body).toMatchObject({ code: 'PINLAB_RECIPE_INVALID', step: 4 })
  })

  it('come back as they were, with what was left out, and run', async () => {
    const { body: recipe } = await save(lab())
    expect(recipe).toMatchObject({ driver: 'xdma', stepCount: 2, shared: false, version: 1 })
    const read = (await lab().get<Recipe>(`/recipes/${recipe.id}`)).body
    expect(read.steps).toEqual([{ ...lock, label: '' }, steps[1]])
    await lab().take()
    const begun = await lab().post<RecipeRun>('/boards/sim0/recipe-runs', { recipe: recipe.id })
    expect(begun.status).toBe(202)
    expect(await ended(lab(), begun.body)).toMatchObject({ state: 'done', recipe: recipe.id })
    const both = await lab().post('/boards/sim0/recipe-runs', { recipe: recipe.id, steps })
    expect(both.body.code).toBe('PINLAB_REQUEST_INVALID')
  })

  it('are their owner’s; shared ones are for all to read; a keeper may delete them', async () => {
    const ada = lab().as(await addTestPerson(lab().database, 'operator'))
    const bo = lab().as(await addTestPerson(lab().database, 'viewer'))
    const { body: recipe } = await save(ada)
    const path = `/recipes/${recipe.id}`
    expect((await bo.get(path)).body.code).toBe('PINLAB_RECIPE_UNKNOWN')
    const { body: shared } = await change(ada, recipe, { shared: true })
    expect((await bo.get(path)).status).toBe(200)
    const listed = async (by: TestLab, query = '') =>
      (await by.get<{ items: Recipe[] }>(`/recipes${query}`)).body.items.map(({ id }) => id)
    expect(await listed(bo)).toContain(recipe.id)
    expect(await listed(bo, '?mine=true')).toEqual([])
    expect((await change(ada, recipe, { name: 'late' })).body.code).toBe('PINLAB_REQUEST_STALE')
    const cy = lab().as(await addTestPerson(lab().database, 'operator'))
    expect((await change(cy, shared, { name: 'mine' })).body.code).toBe('PINLAB_PERMISSION_DENIED')
    expect((await cy.send('DELETE', path)).body.code).toBe('PINLAB_PERMISSION_DENIED')
    expect((await lab().send('DELETE', path)).status).toBe(204)
    expect((await ada.get(path)).status).toBe(404)
  })

  it('are so many at most', async () => {
    const person = await addTestPerson(lab().database, 'operator')
    const at = new Date(0)
    const row = { name: 'n', note: '', owner: person.id, ownerName: '', shared: false, steps: [] }
    const times = { createdAt: at, updatedAt: at }
    const data = Array.from({ length: recipeLimits.perPerson }, () => ({
      ...{ ...row, ...times, stepCount: 0 },
    }))
    await lab().database.write((tx) => tx.recipe.createMany({ data }))
    expect((await save(lab().as(person))).body.code).toBe('PINLAB_RECIPE_LIMIT')
  })
})
