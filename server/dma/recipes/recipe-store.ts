// The recipes' table.

import type { Recipe, RecipeStep, RecipeSummary } from '../../contract/recipe.ts'
import type { Reader, Transaction } from '../../plugins/database/database.ts'

type Row = Awaited<ReturnType<Reader['recipe']['findUniqueOrThrow']>>

function toSummary(row: Omit<Row, 'steps'>): RecipeSummary {
  const { createdAt, updatedAt, ...rest } = row
  return { ...rest, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
}

function toRecipe({ steps, ...row }: Row): Recipe {
  return { ...toSummary(row), steps: steps as RecipeStep[] }
}

export async function readRecipe(reader: Reader | Transaction, id: string): Promise<Recipe | null> {
  const row = await reader.recipe.findUnique({ where: { id } })
  return row && toRecipe(row)
}

export interface RecipeFilter {
  limit: number
  cursor?: string
  owner: string
  /** Also those that others share. */
  andShared: boolean
}

/** Newest first: ids sort by time, and the cursor is the last id of the page before. */
export async function readRecipes(
  reader: Reader,
  { limit, cursor, owner, andShared }: RecipeFilter,
): Promise<{ items: RecipeSummary[]; next: string | null }> {
  const rows = await reader.recipe.findMany({
    where: {
      ...(cursor ? { id: { lt: cursor } } : {}),
      ...(andShared ? { OR: [{ owner }, { shared: true }] } : { owner }),
    },
    omit: { steps: true },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const items = rows.slice(0, limit).map(toSummary)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

export function countRecipes(tx: Transaction, owner: string): Promise<number> {
  return tx.recipe.count({ where: { owner } })
}

type Added = Pick<Recipe, 'name' | 'note' | 'owner' | 'ownerName' | 'shared' | 'driver' | 'model'>

export async function addRecipe(
  tx: Transaction,
  { steps, at, ...recipe }: Added & { steps: RecipeStep[]; at: Date },
): Promise<Recipe> {
  const times = { createdAt: at, updatedAt: at }
  return toRecipe(
    await tx.recipe.create({ data: { ...recipe, steps, stepCount: steps.length, ...times } }),
  )
}

export async function changeRecipe(
  tx: Transaction,
  id: string,
  change: Partial<Pick<Recipe, 'name' | 'note' | 'shared' | 'steps'>> & { at: Date },
): Promise<Recipe> {
  const { at, ...rest } = change
  const count = rest.steps ? { stepCount: rest.steps.length } : {}
  const data = { ...rest, ...count, updatedAt: at, version: { increment: 1 } }
  return toRecipe(await tx.recipe.update({ where: { id }, data }))
}

export async function removeRecipe(tx: Transaction, id: string): Promise<void> {
  await tx.recipe.delete({ where: { id } })
}
