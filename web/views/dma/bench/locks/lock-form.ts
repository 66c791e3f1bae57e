// What the lock form holds, and the request it makes.

import type {
  Direction,
  DmaOptionName,
  LockKind,
} from '../../../../../server/contract/dma-options.ts'
import type { LockRequest } from '../../../../../server/contract/dma-session.ts'
import { maxLockByteLength } from '../../../../../server/contract/limits.ts'

export interface LockForm {
  kind: LockKind
  size: string
  unit: 'KiB' | 'MiB'
  direction: Direction
  options: DmaOptionName[]
  maxPages: string
  label: string
}

export interface OptionChoice {
  name: DmaOptionName
  words: string
  /** The only kind it has a meaning for; none means both. */
  kind?: LockKind
}

export const optionChoices: OptionChoice[] = [
  { name: 'LARGE_BUFFER', words: 'more than 256 pages', kind: 'scatterGather' },
  { name: 'ALLOW_64BIT_ADDRESS', words: 'the board reaches addresses above 4 GiB' },
  {
    name: 'DISABLE_MERGE_ADJACENT_PAGES',
    words: 'list neighbouring pages one by one',
    kind: 'scatterGather',
  },
  { name: 'ALLOW_CACHE', words: 'the processor may cache the memory', kind: 'contiguous' },
]

export function newLockForm(): LockForm {
  return {
    kind: 'scatterGather',
    size: '1',
    unit: 'MiB',
    direction: 'fromDevice',
    options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
    maxPages: '512',
    label: '',
  }
}

export const fitsKind = (choice: OptionChoice, kind: LockKind): boolean =>
  choice.kind === undefined || choice.kind === kind

export function lockByteLength({ size, unit }: Pick<LockForm, 'size' | 'unit'>): number | null {
  const bytes = Number(size.trim() || 'none') * (unit === 'MiB' ? 1024 ** 2 : 1024)
  return Number.isInteger(bytes) && bytes > 0 && bytes <= maxLockByteLength ? bytes : null
}

function wantedPages(text: string): number | null {
  const pages = Number(text.trim() || 'none')
  return Number.isInteger(pages) && pages >= 1 && pages <= 1_048_576 ? pages : null
}

export const usesMaxPages = (form: LockForm): boolean =>
  form.kind === 'scatterGather' && form.options.includes('LARGE_BUFFER')

/** What keeps the form from being sent, by field. The server has the last word on everything else. */
export function lockFaults(form: LockForm): { size?: string; maxPages?: string } {
  const faults: { size?: string; maxPages?: string } = {}
  if (lockByteLength(form) === null) faults.size = 'a size above 0 and below 4 GiB, in whole bytes'
  if (usesMaxPages(form) && wantedPages(form.maxPages) === null) {
    faults.maxPages = 'a whole number from 1 to 1,048,576'
  }
  return faults
}

/** Null while the form has faults. Options without a meaning for the kind are left out. */
export function lockRequest(form: LockForm): LockRequest | null {
  const byteLength = lockByteLength(form)
  const maxPages = wantedPages(form.maxPages)
  if (byteLength === null || (usesMaxPages(form) && maxPages === null)) return null
  const options = optionChoices
    .filter((choice) => form.options.includes(choice.name) && fitsKind(choice, form.kind))
    .map(({ name }) => name)
  return {
    kind: form.kind,
    byteLength,
    direction: form.direction,
    options,
    ...(usesMaxPages(form) && maxPages !== null ? { maxPages } : {}),
    label: form.label.trim(),
  }
}
