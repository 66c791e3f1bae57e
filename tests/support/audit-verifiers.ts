// Both verifiers of the record's bundles, asked about the same bytes.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseVerifierKey } from '../../server/audit/note.ts'
import { bytesInMemory } from '../../server/audit/verify/byte-source.ts'
import { parseHeld } from '../../server/audit/verify/checkpoints.ts'
import { Tampered, Unusable } from '../../server/audit/verify/verdict.ts'
import { type Proved, verifyBundle } from '../../server/audit/verify/verify-bundle.ts'
import { projectRoot } from '../../server/project-root.ts'

export interface Asked {
  bundle: Buffer
  /** A verifier key. */
  key?: string | undefined
  /** A signed note. */
  since?: string | undefined
}

export interface Judged {
  code: 0 | 1 | 2
  proved?: Proved
  /** Of what is wrong. */
  message?: string
  /** The first bad event. */
  seq?: number | null
}

/** What `npx pinlab audit verify` finds, without files. */
export function judge({ bundle, key, since }: Asked): Judged {
  try {
    const held = since === undefined ? null : parseHeld(Buffer.from(since))
    const given = key === undefined ? null : parseVerifierKey(key)
    return { code: 0, proved: verifyBundle(bytesInMemory(bundle), { key: given, held }) }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof Tampered) return { code: 1, message, seq: error.seq }
    if (error instanceof Unusable) return { code: 2, message }
    throw error
  }
}

/** A byte, and what is changed in it. */
export type Flip = [position: number, mask: number]

/** The exit codes of our verifier, a digit for each. */
export function judgeFlips(bundle: Buffer, flips: readonly Flip[]): string {
  const changed = Buffer.from(bundle)
  return flips
    .map(([position, mask]) => {
      changed[position] = (bundle[position] as number) ^ mask
      const { code } = judge({ bundle: changed })
      changed[position] = bundle[position] as number
      return code
    })
    .join('')
}

/** Asks docs/audit-verify.py about all in one process. */
export async function askPython(
  folder: string,
  cases: readonly (Asked & { flips?: readonly Flip[] })[],
): Promise<(number | string)[]> {
  const listed = cases.map(({ bundle, key = null, since, flips = null }, n) => {
    const file = join(folder, `python-${n}`)
    writeFileSync(`${file}.tar`, bundle)
    if (since !== undefined) writeFileSync(`${file}.since`, since)
    return {
      ...{ bundle: `${file}.tar`, key, flips },
      since: since === undefined ? null : `${file}.since`,
    }
  })
  const driver = join(projectRoot, 'tests/support/audit-verify-driver.py')
  const verifier = join(projectRoot, 'docs/audit-verify.py')
  const child = spawn('python3', [driver, verifier], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(listed))
  return JSON.parse(await text(child.stdout))
}

/** What one file of a bundle says, a value for each line. */
export function linesOf(bundle: Buffer, name: string) {
  for (let at = 0; at < bundle.length; ) {
    const byteLength = Number.parseInt(bundle.toString('latin1', at + 124, at + 135), 8)
    const text = bundle.toString('utf8', at + 512, at + 512 + byteLength)
    if (bundle.toString('latin1', at, at + 100).replaceAll('\0', '') === name) {
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    }
    at += 512 + Math.ceil(byteLength / 512) * 512
  }
  throw new Error(`there is no ${name}`)
}
