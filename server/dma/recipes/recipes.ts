// Saved recipes: a person's own, and those that others share.

import { record } from '../../audit/audit.ts'
import type { Boards } from '../../boards/boards.ts'
import type { Clock } from '../../clock.ts'
import { recipeLimits } from '../../contract/limits.ts'
import type {
  NewRecipe,
  Recipe,
  RecipeChange,
  RecipeQuery,
  RecipeSummary,
} from '../../contract/recipe.ts'
import { PinlabError } from '../../errors.ts'
import { type Actor, mayDo } from '../../identity/permissions.ts'
import type { Database, Transaction } from '../../plugins/database/database.ts'
import type { Asker } from '../dma.ts'
import { checkSteps } from './recipe-rules.ts'
import {
  addRecipe,
  changeRecipe,
  countRecipes,
  readRecipe,
  readRecipes,
  removeRecipe,
} from './recipe-store.ts'

export class Recipes {
  constructor(
    private readonly boards: Boards,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** One's own, and those that others share. */
  async list(
    { mine, ...page }: RecipeQuery,
    actor: Actor,
  ): Promise<{ items: RecipeSummary[]; next: string | null }> {
    return readRecipes(this.database.reader, { ...page, owner: actor.id, andShared: !mine })
  }

  async read(id: string, actor: Actor): Promise<Recipe> {
    return visible(await readRecipe(this.database.reader, id), id, actor)
  }

  async add(wanted: NewRecipe, asker: Asker): Promise<Recipe> {
    const { board, name, note, shared, steps } = wanted
    checkSteps(steps)
    const about = board === undefined ? null : await this.boards.describeOne(board)
    const kind = { driver: about?.driver ?? null, model: about?.identity?.model ?? null }
    const { id: owner, name: ownerName } = asker.actor
    return this.database.write(async (tx) => {
      checkRoom(await countRecipes(tx, owner))
      const data = { name, note, shared, steps, owner, ownerName, ...kind, at: this.#now() }
      const recipe = await addRecipe(tx, data)
      await this.#record(tx, 'recipe.made', recipe, asker)
      return recipe
    })
  }

  /** By its owner alone, who has seen this version. */
  async change(id: string, version: number, change: RecipeChange, asker: Asker): Promise<Recipe> {
    if (change.steps) checkSteps(change.steps)
    return this.database.write(async (tx) => {
      const known = visible(await readRecipe(tx, id), id, asker.actor)
      checkOwner(known, asker.actor)
      if (known.version !== version) throw changedMeanwhile(known)
      const recipe = await changeRecipe(tx, id, { ...change, at: this.#now() })
      await this.#record(tx, 'recipe.changed', recipe, asker)
      return recipe
    })
  }

  /** By its owner, or a keeper. */
  async remove(id: string, asker: Asker): Promise<void> {
    const { actor } = asker
    const keeps = mayDo(actor, 'board.maintain')
    await this.database.write(async (tx) => {
      const found = await readRecipe(tx, id)
      const recipe = keeps && found ? found : visible(found, id, actor)
      if (!keeps) checkOwner(recipe, actor)
      await removeRecipe(tx, id)
      await this.#record(tx, 'recipe.deleted', recipe, asker)
    })
  }

  #now = (): Date => new Date(this.clock.now())

  async #record(
    tx: Transaction,
    type: 'recipe.made' | 'recipe.changed' | 'recipe.deleted',
    { id, name, owner, shared, stepCount, version }: Recipe,
    { actor, request }: Asker,
  ): Promise<void> {
    const detail = { recipe: id, name, owner, shared, steps: stepCount, version }
    await record(tx, { type, actor: actor.id, request, detail })
  }
}

/** What is somebody's own and not shared is not there for others. */
function visible(recipe: Recipe | null, id: string, actor: Actor): Recipe {
  if (recipe && (recipe.shared || recipe.owner === actor.id)) return recipe
  throw new PinlabError('PINLAB_RECIPE_UNKNOWN', `There is no recipe ${id} that you may read.`)
}

function checkOwner({ owner, ownerName }: Recipe, actor: Actor): void {
  if (owner === actor.id) return
  throw new PinlabError(
    'PINLAB_PERMISSION_DENIED',
    `This recipe is ${ownerName}’s. Save a copy to change it.`,
  )
}

function checkRoom(count: number): void {
  if (count < recipeLimits.perPerson) return
  throw new PinlabError(
    'PINLAB_RECIPE_LIMIT',
    `You have ${count} recipes, as many as a person may. Delete one first.`,
    { members: { limit: recipeLimits.perPerson, inUse: count } },
  )
}

function changedMeanwhile({ id, version }: Recipe): PinlabError {
  return new PinlabError(
    'PINLAB_REQUEST_STALE',
    `The recipe was changed meanwhile; its version is ${version} now. GET /recipes/${id} has it.`,
    { members: { version } },
  )
}
