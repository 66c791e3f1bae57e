// Recipes: what one does with a board, as a readable script, and their runs. The names in a recipe stand for what a run makes.

import Type, { type Static, type TProperties, type TUnion } from 'typebox'
import { RegisterOperations } from './board.ts'
import { NewCapture } from './capture.ts'
import { Failure, FillRequest, LockRequest, TransferRequest } from './dma-session.ts'
import { recipeLimits } from './limits.ts'
import { Address, BoardId, ByteLength, Id, Nullable, PageQuery, Time } from './schema.ts'

const closed = { additionalProperties: false }

const Name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 40, pattern: '\\S', description })
const lock = Name('the lock: the `as` of a step before')
const transfer = Name('the transfer: the `as` of a step before')

const step = <Op extends string, P extends TProperties>(op: Op, properties: P) =>
  Type.Object({ op: Type.Literal(op), ...properties }, closed)

const steps = [
  step('lock', { as: Name('what later steps call the lock'), ...LockRequest.properties }),
  step('unlock', { lock }),
  step('fill', { lock, ...FillRequest.properties }),
  step('registers', RegisterOperations.properties),
  step('start', {
    lock,
    as: Name('what later steps call the transfer'),
    ...TransferRequest.properties,
  }),
  step('wait', {
    transfer,
    bytesCompleted: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'until it has moved so many; without, until it has ended',
      }),
    ),
    timeoutMs: Type.Integer({ minimum: 1, maximum: 3_600_000 }),
  }),
  step('stop', { transfer }),
  step('capture', { lock, ...NewCapture.properties }),
  step('pause', { ms: Type.Integer({ minimum: 1, maximum: 60_000 }) }),
  step('comment', { text: Type.String({ maxLength: 500 }) }),
] as const

type Steps = typeof steps extends readonly [...infer S] ? S : never
export type RecipeStep = Static<TUnion<[...Steps]>>

/** One kind by its `op`: what is wrong with a step is said of its own kind. */
export const RecipeStep = Type.Unsafe<RecipeStep>({
  type: 'object',
  discriminator: { propertyName: 'op' },
  required: ['op'],
  oneOf: steps,
})

const RecipeSteps = Type.Array(RecipeStep, { minItems: 1, maxItems: recipeLimits.steps })
const RecipeName = Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' })
const Note = { maxLength: 500, description: 'what it is for' }
const Shared = { description: 'everyone signed in may read and run it' }

export const NewRecipe = Type.Object(
  {
    name: RecipeName,
    note: Type.String({ ...Note, default: '' }),
    shared: Type.Boolean({ ...Shared, default: false }),
    board: Type.Optional(
      Type.String({ ...BoardId, description: 'that it was made on, of which the kind is kept' }),
    ),
    steps: RecipeSteps,
  },
  closed,
)
export type NewRecipe = Static<typeof NewRecipe>

export const RecipeChange = Type.Object(
  {
    name: Type.Optional(RecipeName),
    note: Type.Optional(Type.String(Note)),
    shared: Type.Optional(Type.Boolean(Shared)),
    steps: Type.Optional(RecipeSteps),
  },
  closed,
)
export type RecipeChange = Static<typeof RecipeChange>

/** One entry of the list: without its steps. */
export const RecipeSummary = Type.Object({
  id: Id,
  name: Type.String(),
  note: Type.String(),
  owner: Type.String(),
  ownerName: Type.String(),
  shared: Type.Boolean(),
  driver: Nullable(Type.String({ description: 'of the board that it was made on' })),
  model: Nullable(Type.String()),
  stepCount: Type.Integer(),
  createdAt: Time,
  updatedAt: Time,
  version: Type.Integer({ description: 'counts changes; also the ETag' }),
})
export type RecipeSummary = Static<typeof RecipeSummary>

export const Recipe = Type.Object({
  ...RecipeSummary.properties,
  steps: Type.Array(RecipeStep),
})
export type Recipe = Static<typeof Recipe>

export const RecipeQuery = Type.Interface([PageQuery], {
  mine: Type.Boolean({ default: false, description: 'only one’s own' }),
})
export type RecipeQuery = Static<typeof RecipeQuery>

export const RunRequest = Type.Object(
  {
    recipe: Type.Optional(Id),
    steps: Type.Optional(RecipeSteps),
    name: Type.Optional(Type.String({ ...RecipeName, description: 'of steps given here' })),
    note: Type.Optional(Type.String({ ...Note, description: 'so that a recipe is sent as it is' })),
  },
  { ...closed, description: 'a saved recipe, or steps' },
)
export type RunRequest = Static<typeof RunRequest>

/** What a finished step came to, as far as it applies. */
export const StepResult = Type.Object({
  session: Type.Optional(Id),
  transfer: Type.Optional(Type.Integer({ description: 'number within the session' })),
  bytesCompleted: Type.Optional(ByteLength),
  capture: Type.Optional(Id),
  values: Type.Optional(Type.Array(Address, { description: 'one for each register operation' })),
})
export type StepResult = Static<typeof StepResult>

export const RecipeRunState = Type.Enum(['running', 'done', 'failed', 'stopped'])
export type RecipeRunState = Static<typeof RecipeRunState>

export const RecipeRun = Type.Object({
  id: Id,
  board: BoardId,
  lease: Id,
  recipe: Nullable(Id),
  name: Type.String(),
  owner: Type.String({ description: 'who runs it' }),
  ownerName: Type.String(),
  state: RecipeRunState,
  stepCount: Type.Integer(),
  /** Also the number of the step that is at work, or failed, counted from 0. */
  stepsDone: Type.Integer(),
  /** The step that is at work, or that was when it ended early. */
  current: Nullable(RecipeStep),
  results: Type.Array(StepResult, { description: 'of the finished steps, in their order' }),
  failure: Nullable(Failure),
  locks: Type.Array(Type.Object({ as: Type.String(), session: Id }), {
    description: 'made by it and not unlocked by it: they stay locked when it has ended',
  }),
  startedAt: Time,
  endedAt: Nullable(Time),
})
export type RecipeRun = Static<typeof RecipeRun>

export const RunQuery = Type.Object({ board: Type.Optional(BoardId) })
