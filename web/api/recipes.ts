// The HTTP API of recipes and their runs, one function for each route. Failures are ApiProblem.

import type {
  NewRecipe,
  Recipe,
  RecipeChange,
  RecipeRun,
  RecipeSummary,
  RunRequest,
} from '../../server/contract/recipe.ts'
import { type Listing, query } from './http.ts'
import { at, get, patch, post, remove } from './requests.ts'

export const listRecipes = (filter: { limit?: number; cursor?: string }) =>
  get<Listing<RecipeSummary>>(`/recipes?${query(filter)}`)
export const getRecipe = (id: string) => get<Recipe>(`/recipes/${at(id)}`)
/** What a person has written: the server says what is wrong with it. */
export const saveRecipe = (wanted: Partial<NewRecipe>) => post<Recipe>('/recipes', wanted)
export const changeRecipe = (
  { id, version }: Pick<Recipe, 'id' | 'version'>,
  change: RecipeChange,
) => patch<Recipe>(`/recipes/${at(id)}`, version, change)
export const deleteRecipe = (id: string) => remove(`/recipes/${at(id)}`)

export const startRun = (board: string, wanted: RunRequest) =>
  post<RecipeRun>(`/boards/${at(board)}/recipe-runs`, wanted)
export const listRuns = (board: string) =>
  get<Listing<RecipeRun>>(`/recipe-runs?${query({ board })}`)
/** Answers when it has ended, or after so long. */
export const waitForRun = (id: string, waitSeconds: number) =>
  get<RecipeRun>(`/recipe-runs/${at(id)}?${query({ waitSeconds })}`)
export const stopRun = (id: string) => post<RecipeRun>(`/recipe-runs/${at(id)}/stop`)
