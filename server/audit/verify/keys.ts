// The keys of a bundle, and which of them the key that is trusted vouches for.

import { statementTitle } from '../bundle-format.ts'
import { openNote, parseVerifierKey, type VerifierKey } from '../note.ts'
import { parseFields, textIn, textOrNullIn } from './fields.ts'
import { linesOf, type Member } from './members.ts'
import { Tampered, tamperedIfThrows } from './verdict.ts'

const mostKeys = 1000

export interface Keys {
  all: readonly VerifierKey[]
  /** Those that are connected to the trusted one by statements. */
  trusted: ReadonlySet<VerifierKey>
  newest: VerifierKey
  /** What all was compared with. */
  anchor: VerifierKey
}

/** `given`: the verifier key that whoever verifies has from elsewhere; otherwise the newest of the bundle. */
export function readKeys(member: Member, given: VerifierKey | null): Keys {
  const all: VerifierKey[] = []
  const isVouchedFor: boolean[] = []
  for (const line of linesOf(member.name, member.pieces())) {
    const where = `Line ${all.length + 1} of ${member.name}`
    if (all.length === mostKeys) throw new Tampered(`${member.name} has too many keys.`)
    const fields = parseFields(line, where)
    const text = textIn(fields, 'key', where)
    textIn(fields, 'since', where)
    const statement = textOrNullIn(fields, 'statement', where)
    const key = tamperedIfThrows(where, () => parseVerifierKey(text))
    if (all.some((other) => other.text === text)) throw new Tampered(`${where} repeats a key.`)
    if (statement !== null) checkStatement(statement, all.at(-1), key, where)
    all.push(key)
    isVouchedFor.push(statement !== null)
  }
  const newest = all.at(-1)
  if (!newest) throw new Tampered(`${member.name} has no key.`)
  const at = given ? all.findIndex(({ text }) => text === given.text) : all.length - 1
  const anchor = all[at]
  if (!anchor)
    throw new Tampered(
      'The bundle does not know the key that you gave: it is of another log, or was signed again.',
    )
  let [first, last] = [at, at]
  while (isVouchedFor[first]) first -= 1
  while (isVouchedFor[last + 1]) last += 1
  if (last !== all.length - 1) {
    throw new Tampered(
      'The key that you gave was replaced by one that it does not vouch for. Ask the lab why; if it lost the key, get the new one from it by another way.',
    )
  }
  return { all, trusted: new Set(all.slice(first)), newest, anchor }
}

/** Signed by both, so that neither can be put beside the other by somebody who holds only one. */
function checkStatement(
  statement: string,
  old: VerifierKey | undefined,
  key: VerifierKey,
  where: string,
): void {
  if (!old) throw new Tampered(`${where} names a key before the first.`)
  const { text, signers } = tamperedIfThrows(where, () => openNote(statement, [old, key]))
  const start = `${statementTitle}\n${old.text}\n${key.text}\n`
  const time = text.startsWith(start) ? text.slice(start.length) : ''
  if (signers.length !== 2 || !/^[^\n]+\n$/.test(time)) {
    throw new Tampered(`${where} does not say that both keys vouch for each other.`)
  }
}
