// A recipe's steps in plain words. Pure.

import type { RegisterOperation } from '../../../../../server/contract/board.ts'
import type { RecipeStep } from '../../../../../server/contract/recipe.ts'
import { formatBytes, formatDuration, plural } from '../../../../shared/format.ts'
import { directionWords, kindWords } from '../../../../shared/words.ts'

type Step<Op extends RecipeStep['op']> = Extract<RecipeStep, { op: Op }>

const words: { [Op in RecipeStep['op']]: (step: Step<Op>) => string } = {
  lock: ({ as, byteLength, kind, direction }) =>
    `lock ${as}: ${formatBytes(byteLength)} ${kindWords[kind]}, ${directionWords[direction ?? 'toFromDevice']}`,
  unlock: ({ lock }) => `unlock ${lock}`,
  fill: ({ lock, pattern }) => `fill ${lock}: ${pattern}`,
  registers: ({ operations }) => {
    const [first, ...rest] = operations.map(operationWords)
    return rest.length === 0 ? (first ?? '') : `${first} and ${plural(rest.length, 'more', 'more')}`
  },
  start: ({ as, channel, mode, lock }) => `start ${as}: ${channel} ${mode} on ${lock}`,
  wait: ({ transfer, bytesCompleted }) =>
    `wait for ${bytesCompleted === undefined ? 'the end' : formatBytes(bytesCompleted)} of ${transfer}`,
  stop: ({ transfer }) => `stop ${transfer}`,
  capture: ({ lock, name }) => `capture ${lock}${name ? `: ${name}` : ''}`,
  pause: ({ ms }) => `pause ${formatDuration(ms)}`,
  comment: ({ text }) => `“${text}”`,
}

export function stepWords(step: RecipeStep): string {
  return (words[step.op] as (step: RecipeStep) => string)(step)
}

function operationWords(operation: RegisterOperation): string {
  const { op, register } = operation
  if (op === 'read') return `read ${register}`
  if (op === 'write') return `${register} = ${operation.value}`
  const { mask, value } = operation
  const bits = `${register} & ${mask}`
  return op === 'update' ? `${bits} = ${value}` : `until ${bits} is ${value}`
}
