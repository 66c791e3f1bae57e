// One's own recipes and those that others share, and what can be done with them.

import type {
  NewRecipe,
  Recipe,
  RecipeChange,
  RecipeSummary,
} from '../../server/contract/recipe.ts'
import * as api from '../api/recipes.ts'
import { announcer } from './announcer.svelte.ts'
import { Pages } from './pages.svelte.ts'

const shown = 20

export class Recipes {
  readonly pages = new Pages<RecipeSummary, { limit: number }>(api.listRecipes)

  load = (): Promise<void> => this.pages.show({ limit: shown })

  read(id: string): Promise<Recipe> {
    return api.getRecipe(id)
  }

  async save(wanted: Partial<NewRecipe>): Promise<void> {
    const { name } = await api.saveRecipe(wanted)
    await this.#done(`Saved ${name}`)
  }

  async change(recipe: Pick<Recipe, 'id' | 'version'>, change: RecipeChange): Promise<void> {
    const { name } = await api.changeRecipe(recipe, change)
    await this.#done(`Changed ${name}`)
  }

  async share({ id, version, name, shared }: RecipeSummary): Promise<void> {
    await api.changeRecipe({ id, version }, { shared: !shared })
    await this.#done(shared ? `${name} is yours alone` : `${name} is shared`)
  }

  async remove({ id, name }: RecipeSummary): Promise<void> {
    await api.deleteRecipe(id)
    await this.#done(`Deleted ${name}`)
  }

  async #done(words: string): Promise<void> {
    announcer.say(words)
    await this.load()
  }
}
