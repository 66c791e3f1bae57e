import Value from 'typebox/value'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Register } from '../../server/contract/board.ts'
import type { DmaSession, Transfer } from '../../server/contract/dma-session.ts'
import { NewRecipe } from '../../server/contract/recipe.ts'
import { RecipeRecorder } from '../../web/state/recipe-recorder.svelte.ts'
import {
  parseRecipe,
  recipeText,
  wrongStep,
} from '../../web/views/dma/bench/recipes/recipe-text.ts'
import { stepWords } from '../../web/views/dma/bench/recipes/step-words.ts'
import {
  bitsWords,
  changeable,
  choicesOf,
  isFresh,
  placed,
} from '../../web/views/dma/bench/registers/register-fields.ts'

const KiB = 1024
const ring = {
  ...{ kind: 'scatterGather' as const, byteLength: 64 * KiB, direction: 'fromDevice' as const },
  ...{ options: ['LARGE_BUFFER' as const], maxPages: 32, label: 'ring' },
}
const once = { channel: 'c2h1', mode: 'once' as const, offset: 0, byteLength: 64 * KiB }
const cyclic = { ...once, mode: 'cyclic' as const, blockByteLength: 4 * KiB }

describe('a recording', () => {
  const sessions = new Map<string, DmaSession>()
  const transfers = new Map<string, Transfer>()
  const record = {
    sessions,
    find: (session: string, n: number) => transfers.get(`${session}/${n}`) ?? null,
  }
  const isAt = (n: number, transfer: Partial<Transfer>) =>
    transfers.set(`a/${n}`, { ...transfers.get(`a/${n}`), ...transfer } as Transfer)
  let recorder: RecipeRecorder

  beforeEach(() => {
    sessions.clear()
    transfers.clear()
    recorder = new RecipeRecorder(record)
    recorder.begin()
  })

  it('is what ran, with a wait wherever somebody waited, as a recipe that can be sent', () => {
    recorder.registers([{ op: 'write', register: 'ADC_CTRL', value: '0x0' }])
    recorder.registers([{ op: 'update', register: 'ADC_CTRL', mask: '0xf00', value: '0x400' }])
    recorder.lock(ring, 'a')
    recorder.fill('a', { pattern: 'zero' })
    recorder.start('a', once, 1)
    isAt(1, { ...once, state: 'done', bytesCompleted: 64 * KiB })
    recorder.capture('a', { name: 'counted' })
    recorder.start('a', cyclic, 2)
    isAt(2, { ...cyclic, state: 'running', bytesCompleted: 200 * KiB })
    recorder.stop('a', 2)
    recorder.unlock('a')
    recorder.end()
    recorder.registers([{ op: 'read', register: 'ID' }])

    const text = recipeText({ name: 'counted', note: '', steps: recorder.steps })
    const recipe = parseRecipe(text)
    expect(recipe.steps).toEqual([
      {
        op: 'registers',
        operations: [
          { op: 'write', register: 'ADC_CTRL', value: '0x0' },
          { op: 'update', register: 'ADC_CTRL', mask: '0xf00', value: '0x400' },
        ],
      },
      { op: 'lock', as: 'ring', ...ring },
      { op: 'fill', lock: 'ring', pattern: 'zero' },
      { op: 'start', lock: 'ring', as: 'c2h1', ...once },
      { op: 'wait', transfer: 'c2h1', timeoutMs: 60_000 },
      { op: 'capture', lock: 'ring', name: 'counted', offset: 0 },
      { op: 'start', lock: 'ring', as: 'c2h1 2', ...cyclic },
      { op: 'wait', transfer: 'c2h1 2', timeoutMs: 60_000, bytesCompleted: 64 * KiB },
      { op: 'stop', transfer: 'c2h1 2' },
      { op: 'unlock', lock: 'ring' },
    ])
    const isRecipe = (steps: object[]) =>
      Value.Check(NewRecipe, { shared: false, ...recipe, steps })
    expect([isRecipe(recipe.steps), isRecipe([{ op: 'jump' }])]).toEqual([true, false])
    expect(text.split('\n')).toHaveLength(19)
  })

  it('makes anew what was locked before it, and leaves out what it knows nothing of', () => {
    const before = { ...ring, id: 'a', options: ['KERNEL_BUFFER_ALLOC'], addressWidth: null }
    sessions.set('a', before as never)
    recorder.stop('a', 7)
    recorder.unlock('b')
    recorder.fill('a', { pattern: 'counter' })
    const { maxPages: _, ...without } = ring
    expect(recorder.steps).toEqual([
      { op: 'lock', as: 'ring', ...without, options: [] },
      { op: 'fill', lock: 'ring', pattern: 'counter' },
    ])
  })

  it('does not wait for what was still under way', () => {
    recorder.lock(ring, 'a')
    recorder.start('a', once, 1)
    isAt(1, { ...once, state: 'running', bytesCompleted: 4096 })
    recorder.registers([{ op: 'read', register: 'IRQ_STATUS' }])
    expect(recorder.steps.map(({ op }) => op)).toEqual(['lock', 'start', 'registers'])
  })

  it('is full at the limit, and ends', () => {
    recorder.lock(ring, 'a')
    for (let n = 0; n < 250; n++) recorder.fill('a', { pattern: 'zero' })
    expect([recorder.steps.length, recorder.isFull, recorder.on]).toEqual([200, true, false])
  })
})

describe('a recipe as text', () => {
  it('that is not JSON is refused', () => {
    expect(() => parseRecipe('{')).toThrow(expect.objectContaining({ name: 'ApiProblem' }))
  })

  it('has the step that a refusal is about', () => {
    const problem = { errors: [{ field: '/steps/3/byteLength', message: '' }] } as never
    expect(wrongStep(problem)).toBe(4)
    expect(wrongStep({ step: 2 } as never)).toBe(2)
    expect(wrongStep({ errors: [{ field: '/name', message: '' }] } as never)).toBeNull()
  })

  it('says its steps in plain words', () => {
    expect(stepWords({ op: 'lock', as: 'ring', ...ring })).toBe(
      'lock ring: 64 KiB scatter/gather, from device',
    )
    const poll = { op: 'pollUntil' as const, register: 'S', mask: '0x1', value: '0x0' }
    const operations = [{ ...poll, timeoutMs: 5 }]
    expect(stepWords({ op: 'registers', operations })).toBe('until S & 0x1 is 0x0')
    expect(stepWords({ op: 'registers', operations: [...operations, ...operations] })).toBe(
      'until S & 0x1 is 0x0 and 1 more',
    )
  })
})

describe('a field of a register', () => {
  const source = {
    ...{ name: 'source', bits: [11, 8] as [number, number], description: '' },
    values: { 10: 'ten', 2: 'two' },
  }

  it('is placed among the bits of its register', () => {
    expect(placed(source, 4n)).toEqual({ mask: 0xf00n, value: 0x400n })
    const high = { ...source, bits: [63, 63] as [number, number] }
    expect(placed(high, 1n)).toEqual({ mask: 1n << 63n, value: 1n << 63n })
    expect([bitsWords([11, 8]), bitsWords([3, 3])]).toEqual(['11:8', '3'])
  })

  it('offers its values, least first', () => {
    expect(choicesOf(source).map(({ words }) => words)).toEqual(['two', 'ten'])
  })

  it('is changed only where reading the others does no harm', () => {
    const register = { access: 'readWrite', changesWhenRead: false, ownedByDriver: false }
    const may = (more: object) => changeable({ ...register, ...more } as Register)
    expect([may({}), may({ changesWhenRead: true }), may({ access: 'write' })]).toEqual([
      ...[true, false, false],
    ])
  })

  it('is marked for a while when it changed', () => {
    expect([isFresh(null, 9000), isFresh(5001, 9000), isFresh(5000, 9000)]).toEqual([
      ...[false, true, false],
    ])
  })
})
