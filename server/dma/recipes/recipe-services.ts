// What recipes consist of, put together.

import type { Boards } from '../../boards/boards.ts'
import { RecipeRuns, type RunParts } from './recipe-runs.ts'
import { Recipes } from './recipes.ts'

export class RecipeServices {
  readonly recipes: Recipes
  readonly runs: RecipeRuns

  constructor(parts: Omit<RunParts, 'recipes'> & { boards: Boards }) {
    this.recipes = new Recipes(parts.boards, parts.database, parts.clock)
    this.runs = new RecipeRuns({ ...parts, recipes: this.recipes })
  }
}
