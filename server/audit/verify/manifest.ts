// The manifest: what the bundle is about, signed.

import { type BundleKind, bundleFiles, type Manifest, manifestTitle } from '../bundle-format.ts'
import { openNote, type VerifierKey } from '../note.ts'
import { type Fields, integerIn, parseFields, textIn } from './fields.ts'
import type { Member } from './members.ts'
import { Tampered, tamperedIfThrows } from './verdict.ts'

const where = 'The manifest'

/** `kind`: what the archive's files are. */
export function readManifest(member: Member, kind: BundleKind, newest: VerifierKey): Manifest {
  const bytes = member.whole()
  const note = bytes.toString('utf8')
  // Exactly one signature: a second one would be bytes that nothing covers.
  const [, json] = new RegExp(`^${manifestTitle}\n([^\n]+)\n\n— [^\n]+\n$`).exec(note) ?? []
  if (json === undefined || !Buffer.from(note).equals(bytes)) {
    throw new Tampered(`${where} is no signed note.`)
  }
  tamperedIfThrows(where, () => openNote(note, [newest]))
  const fields = parseFields(Buffer.from(json), where)
  const origin = textIn(fields, 'origin', where)
  const [from, to] = [integerIn(fields, 'from', where), integerIn(fields, 'to', where)]
  if (fields.kind !== kind || origin !== newest.name || from < 1 || from > to) {
    throw new Tampered(`${where} contradicts the bundle.`)
  }
  return {
    kind,
    origin,
    ...(kind === 'session' ? { session: textIn(fields, 'session', where) } : {}),
    from,
    to,
    pruned: rangesIn(fields, from, to),
    madeAt: textIn(fields, 'madeAt', where),
    madeBy: textIn(fields, 'madeBy', where),
    build: textIn(fields, 'build', where),
    files: filesIn(fields, kind),
  }
}

function rangesIn({ pruned }: Fields, from: number, to: number): Manifest['pruned'] {
  if (!Array.isArray(pruned)) throw new Tampered(`${where} has no valid "pruned".`)
  let after = from - 1
  return pruned.map((range) => {
    const [first, last] = Array.isArray(range) && range.length === 2 ? range : []
    const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(last)
    if (!isRange || first <= after || last < first || last > to) {
      throw new Tampered(`${where} has no valid "pruned".`)
    }
    after = last
    return [first, last]
  })
}

function filesIn({ files }: Fields, kind: BundleKind): Manifest['files'] {
  const names = bundleFiles[kind]
  const listed = typeof files === 'object' && files !== null ? (files as Fields) : {}
  if (Object.keys(listed).length !== names.length) {
    throw new Tampered(`${where} does not name the files of the bundle.`)
  }
  const entries = names.map((name) => {
    const entry = Object.hasOwn(listed, name) ? listed[name] : null
    const file = typeof entry === 'object' && entry !== null ? (entry as Fields) : {}
    const byteLength = integerIn(file, 'byteLength', where)
    return [name, { byteLength, sha256: textIn(file, 'sha256', where) }] as const
  })
  return Object.fromEntries(entries)
}

/** Whether the file is the one that the manifest names. */
export function checkMember(member: Member, manifest: Manifest, sha256 = member.sha256()): void {
  const { byteLength, ...named } = manifest.files[member.name] ?? { byteLength: -1, sha256: '' }
  if (member.byteLength !== byteLength || sha256 !== named.sha256) {
    throw new Tampered(`${member.name} was changed.`)
  }
}
