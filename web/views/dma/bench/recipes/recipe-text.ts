// A recipe as text that people read, change and pass on: JSON with one step, or one register operation, on a line. Pure.

import type { Recipe } from '../../../../../server/contract/recipe.ts'
import type { Problem } from '../../../../../server/contract/schema.ts'
import { ApiProblem, browserProblem } from '../../../../api/problem.ts'

export type RecipeDraft = Pick<Recipe, 'name' | 'note' | 'steps'>

export function recipeText({ name, note, steps }: RecipeDraft): string {
  const lines = steps.map((step) =>
    step.op === 'registers'
      ? `    { "op": "registers", "operations": [\n${step.operations.map((one) => `      ${spaced(one)}`).join(',\n')} ] }`
      : `    ${spaced(step)}`,
  )
  const head = `{\n  "name": ${JSON.stringify(name)},\n  "note": ${JSON.stringify(note)},\n`
  return `${head}  "steps": [\n${lines.join(',\n')}\n  ]\n}\n`
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const pairs = Object.entries(value).map(
    ([key, part]) => `${JSON.stringify(key)}: ${spaced(part)}`,
  )
  return `{ ${pairs.join(', ')} }`
}

/** What was typed, of which the server says whether it is a recipe. Throws an ApiProblem for what is not JSON. */
export function parseRecipe(text: string): RecipeDraft {
  try {
    return JSON.parse(text) as RecipeDraft
  } catch (error) {
    const detail = `${(error as Error).message}.`
    throw new ApiProblem(browserProblem('PINLAB_WEB_NOT_JSON', 'This is not JSON', detail))
  }
}

/** The step that a refusal is about, counted from 1; null where it is about none. */
export function wrongStep(problem: Problem | null): number | null {
  const { step, errors } = (problem ?? {}) as { step?: unknown; errors?: unknown }
  if (typeof step === 'number') return step
  const [first] = Array.isArray(errors) ? errors : []
  const [, index] = /^\/steps\/(\d+)/.exec(first?.field ?? '') ?? []
  return index === undefined ? null : Number(index) + 1
}
