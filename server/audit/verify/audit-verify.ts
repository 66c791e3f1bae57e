// `npx pinlab audit verify`: an entry of its own, which runs without the server's packages.

import { readFileSync, statSync } from 'node:fs'
import { parseVerifierKey, type VerifierKey } from '../note.ts'
import { withFile } from './byte-source.ts'
import { type HeldCheckpoint, parseHeld } from './checkpoints.ts'
import { Tampered, Unusable } from './verdict.ts'
import { type Proved, verifyBundle } from './verify-bundle.ts'

export interface Answer {
  /** 0: proven, 1: tampered, 2: nothing can be said. */
  exitCode: 0 | 1 | 2
  /** For people. */
  text: string
}

const usage =
  'Usage: npx pinlab audit verify <bundle> [--key KEY | --key-file FILE] [--since CHECKPOINT-FILE]'

const longestArgumentFile = 1024 * 1024

/** `args`: what follows the command's name. Says in `text` what was proved, or what is wrong. */
export function verify(args: readonly string[]): Answer {
  try {
    const { bundle, key, held } = parse(args)
    const proved = withFile(bundle, (source) => verifyBundle(source, { key, held }))
    return { exitCode: 0, text: describe(proved, key !== null, held) }
  } catch (error) {
    if (error instanceof Tampered) return { exitCode: 1, text: describeTampering(error) }
    if (error instanceof Unusable) return { exitCode: 2, text: `CANNOT TELL. ${error.message}\n` }
    throw error
  }
}

interface Asked {
  bundle: string
  key: VerifierKey | null
  held: HeldCheckpoint | null
}

function parse(args: readonly string[]): Asked {
  const given = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    const isOption = ['--key', '--key-file', '--since'].includes(arg)
    const value = isOption ? args[++at] : arg
    const name = isOption ? arg : 'bundle'
    const isWrong = (!isOption && arg.startsWith('-')) || value === undefined || given.has(name)
    if (isWrong) throw new Unusable(`${arg} is not understood.\n${usage}`)
    given.set(name, value)
  }
  const bundle = given.get('bundle')
  const keyFile = given.get('--key-file')
  const keyText = given.get('--key') ?? (keyFile && readArgument(keyFile).toString('utf8').trim())
  if (bundle === undefined || (keyFile !== undefined && given.has('--key'))) {
    throw new Unusable(usage)
  }
  const since = given.get('--since')
  return {
    bundle,
    key: keyText === undefined ? null : parseKey(keyText),
    held: since === undefined ? null : parseHeld(readArgument(since)),
  }
}

function parseKey(text: string): VerifierKey {
  try {
    return parseVerifierKey(text)
  } catch (error) {
    throw new Unusable((error as Error).message)
  }
}

function readArgument(file: string): Buffer {
  try {
    if (statSync(file).size <= longestArgumentFile) return readFileSync(file)
  } catch (error) {
    throw new Unusable(`${file} cannot be read: ${(error as Error).message}.`)
  }
  throw new Unusable(`${file} is too long.`)
}

function describeTampering({ message, seq }: Tampered): string {
  const first = seq === null ? '' : `The first bad event is ${seq}.\n`
  return `TAMPERED. ${message}\n${first}`
}

function describe(
  { manifest, keys, events, parts, checkpoints, untrustedUpTo }: Proved,
  isGiven: boolean,
  held: HeldCheckpoint | null,
): string {
  const { kind, origin, session, from, to, pruned, madeAt, madeBy } = manifest
  const about = kind === 'log' ? `events ${from} to ${to}` : `of the session ${session}`
  const gone = pruned.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  const lines = [
    `PROVEN. ${events} events, ${about} of the log ${origin}, are as they were recorded.`,
    kind === 'log'
      ? `Each is in the tree that ${checkpoints} signed checkpoints are made of; the newest covers ${to} events.`
      : `Each is in the tree of ${to} events that a checkpoint signs. That these are all events of the session is not proved.`,
    `Exported by ${madeBy} at ${madeAt}.`,
    ...(gone > 0
      ? [
          kind === 'log'
            ? `${gone} more were pruned: their hashes are in the tree, their text is not here.`
            : `${gone} events of the log were pruned; some may have been of this session.`,
        ]
      : []),
    ...(parts > 0 ? [`${parts} names, addresses and the like are what the events commit to.`] : []),
    ...(untrustedUpTo > 0
      ? [
          `Checkpoints up to event ${untrustedUpTo} are signed by keys that nothing connects to the newest.`,
        ]
      : []),
    ...(held ? [`The log goes on from the checkpoint of ${held.size} events that you hold.`] : []),
    isGiven
      ? `By the key that you gave: ${keys.anchor.text}`
      : `By the key in the bundle, which was compared with nothing: ${keys.anchor.text}\nWhoever has signed another log could show you this. Give the key that you have from elsewhere (--key), or a checkpoint that you hold (--since).`,
  ]
  return `${lines.join('\n')}\n`
}
