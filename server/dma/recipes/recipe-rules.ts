// What a recipe must be so that it can run: its names stand for something, and it is not too long. Pure.

import { recipeLimits } from '../../contract/limits.ts'
import type { RecipeStep } from '../../contract/recipe.ts'
import { PinlabError } from '../../errors.ts'

interface Names {
  locks: Set<string>
  transfers: Set<string>
}

/** Refuses steps of which one means what no step before it has made, and names that step, counted from 1. */
export function checkSteps(steps: readonly RecipeStep[]): void {
  const names: Names = { locks: new Set(), transfers: new Set() }
  let operations = 0
  for (const [index, step] of steps.entries()) {
    if (step.op === 'registers') operations += step.operations.length
    const wrong =
      operations > recipeLimits.operations
        ? `With it the recipe has more than ${recipeLimits.operations} register operations.`
        : wrongNames(step, names)
    if (wrong) throw invalid(index + 1, step, wrong)
  }
}

/** What is wrong with the step's names; notes those that it makes and ends. */
function wrongNames(step: RecipeStep, { locks, transfers }: Names): string | null {
  if ('lock' in step && !locks.has(step.lock))
    return `No lock is called “${step.lock}” here. A lock step before it names it.`
  if ('transfer' in step && !transfers.has(step.transfer))
    return `No transfer is called “${step.transfer}” here. A start step before it names it.`
  if (step.op === 'unlock') locks.delete(step.lock)
  if (!('as' in step)) return null
  const names = step.op === 'lock' ? locks : transfers
  if (step.op === 'lock' && names.has(step.as)) return `“${step.as}” is locked already.`
  names.add(step.as)
  return null
}

function invalid(number: number, { op }: RecipeStep, wrong: string): PinlabError {
  return new PinlabError('PINLAB_RECIPE_INVALID', `Step ${number}, ${op}: ${wrong}`, {
    members: { step: number },
  })
}
