// Which panels of a screen are folded to their headings. A screen whose panels fold says so to those inside it.

import { getContext, setContext } from 'svelte'

export interface Folding {
  isFolded: (title: string) => boolean
  fold: (title: string) => void
}

const key = Symbol('folding')

export const letPanelsFold = (folding: Folding) => setContext(key, folding)

/** Undefined on a screen whose panels do not fold. */
export const foldingHere = () => getContext<Folding | undefined>(key)
