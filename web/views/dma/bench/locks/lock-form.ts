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
  addressWidth: string
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
  {
    name: 'KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH',
    words: 'for a board that reaches fewer bits of address',
    kind: 'contiguous',
  },
]

export function newLockForm(): LockForm {
  return {
    kind: 'scatterGather',
    size: '1',
    unit: 'MiB',
    direction: 'fromDevice',
    options: ['LARGE_BUFFER', 'ALLOW_64BIT_ADDRESS'],
    maxPages: '512',
    addressWidth: '28',
    label: '',
  }
}

export const fitsKind = (choice: OptionChoice, kind: LockKind): boolean =>
  choice.kind === undefined || choice.kind === kind

export function lockByteLength({ size, unit }: Pick<LockForm, 'size' | 'unit'>): number | null {
  const bytes = Number(size.trim() || 'none') * (unit === 'MiB' ? 1024 ** 2 : 1024)
  return Number.isInteger(bytes) && bytes > 0 && bytes <= maxLockByteLength ? bytes : null
}

function wholeNumber(text: string, most: number): number | null {
  const number = Number(text.trim() || 'none')
  return Number.isInteger(number) && number >= 1 && number <= most ? number : null
}

const wantedPages = (form: LockForm) => wholeNumber(form.maxPages, 1_048_576)
const wantedAddressWidth = (form: LockForm) => wholeNumber(form.addressWidth, 64)

export const usesMaxPages = (form: LockForm): boolean =>
  form.kind === 'scatterGather' && form.options.includes('LARGE_BUFFER')

export const usesAddressWidth = (form: LockForm): boolean =>
  form.kind === 'contiguous' && form.options.includes('KBUF_ALLOC_SPECIFY_ADDRESS_WIDTH')

/** What keeps the form from being sent, by field. The server has the last word on everything else. */
export function lockFaults(
  form: LockForm,
): Partial<Record<'size' | 'maxPages' | 'addressWidth', string>> {
  const faults: ReturnType<typeof lockFaults> = {}
  if (lockByteLength(form) === null) faults.size = 'a size above 0 and below 4 GiB, in whole bytes'
  if (usesMaxPages(form) && wantedPages(form) === null) {
    faults.maxPages = 'a whole number from 1 to 1,048,576'
  }
  if (usesAddressWidth(form) && wantedAddressWidth(form) === null) {
    faults.addressWidth = 'a whole number of bits from 1 to 64'
  }
  return faults
}

/** Null while the form has faults. Options without a meaning for the kind are left out. */
export function lockRequest(form: LockForm): LockRequest | null {
  const byteLength = lockByteLength(form)
  if (byteLength === null || Object.keys(lockFaults(form)).length > 0) return null
  const maxPages = usesMaxPages(form) ? wantedPages(form) : null
  const addressWidth = usesAddressWidth(form) ? wantedAddressWidth(form) : null
  const options = optionChoices
    .filter((choice) => form.options.includes(choice.name) && fitsKind(choice, form.kind))
    .map(({ name }) => name)
  return {
    kind: form.kind,
    byteLength,
    direction: form.direction,
    options,
    ...(maxPages === null ? {} : { maxPages }),
    ...(addressWidth === null ? {} : { addressWidth }),
    label: form.label.trim(),
  }
}
