// What is said about a password while it is typed. The server decides; it also knows the leaked ones. Pure.

import { passwordLimits } from '../../../server/contract/limits.ts'

export interface Advice {
  words: string
  /** Of the length that is advised, 0 to 1. */
  share: number
  level: 'short' | 'enough' | 'good'
}

const { shortest, advised } = passwordLimits

export function passwordAdvice(password: string): Advice {
  const length = [...password].length
  const share = Math.min(1, length / advised)
  if (length === 0) {
    const words = `At least ${shortest} characters; ${advised} or more are better, as a few words are.`
    return { words, share, level: 'short' }
  }
  if (length < shortest) {
    return { words: `${length} of at least ${shortest} characters`, share, level: 'short' }
  }
  if (length < advised) {
    return { words: `Long enough; ${advised} or more are better`, share, level: 'enough' }
  }
  return { words: 'A good length', share, level: 'good' }
}

export const isLongEnough = (password: string) => passwordAdvice(password).level !== 'short'
