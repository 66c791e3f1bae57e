// What a verifier must find, or must not mind: both are asked about the same bundles, and must agree.
// Long because: it is one table of cases.

import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { signNote } from '../../../server/audit/note.ts'
import { tarHeader } from '../../../server/audit/tar.ts'
import { type Asked, askPython, judge } from '../../support/audit-verifiers.ts'
import {
  archiveOf,
  checkpointOf,
  eventTexts,
  type Files,
  forge,
  forgeFiles,
  signer,
  statementOf,
  tamper,
} from '../../support/forged-bundle.ts'
import { requireProgram } from '../../support/requirements.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const [first, second, third, stranger] = [signer(), signer(), signer(), signer()]
const events = eventTexts(20)
const log = { events, keys: [{ signer: first }] }
const rotated = {
  events,
  keys: [
    { signer: first },
    { signer: second, isVouchedFor: true },
    { signer: third, isVouchedFor: true },
  ],
  checkpoints: [
    [7, 0],
    [12, 1],
    [20, 2],
  ],
} as const
const late = { ...log, from: 13 }
const keyOf = ({ key }: typeof first) => key.text

/** The log again, with other events after the first five. */
const rewritten = events.map((event, n) => (n < 5 ? event : event.replace('then', 'never')))

const lines = (bytes: Buffer | undefined) => String(bytes).split('\n').slice(0, -1)
const editLines = (name: string, change: (old: string[]) => string[]) => (files: Files) => {
  const changed = change(lines(files.get(name)))
  files.set(name, Buffer.from(changed.map((line) => `${line}\n`).join('')))
}
const editJson = (name: string, change: (value: Record<string, unknown>) => unknown, at = 0) =>
  editLines(name, (old) =>
    old.map((line, n) => {
      if (n !== at) return line
      const value = JSON.parse(line)
      change(value)
      return JSON.stringify(value)
    }),
  )
const onEvents = (change: (old: string[]) => string[]) => editLines('events.jsonl', change)
const append = (name: string, text: string) => (files: Files) =>
  void files.set(name, Buffer.concat([files.get(name) ?? Buffer.of(), Buffer.from(text)]))

const part = (seq: number, change: object = {}) => ({
  ...{ seq, n: 0, kind: 'personal', of: 'p', salt: 'c2FsdA==', text: '{"name":"Ada"}' },
  ...change,
})
const sha256 = createHash('sha256').update('salt').update('{"name":"Ada"}').digest('hex')
const committed = events.map((event) =>
  JSON.stringify({ ...JSON.parse(event), parts: [{ kind: 'personal', of: 'p', sha256 }] }),
)
const people = { ...log, events: committed, parts: [part(3), part(4)] }
const mixed = events.map((event, n) => (n % 3 === 0 ? event : event.replace('"s"', '"other"')))
const session = { ...log, events: mixed, session: 's' }
const deep = `${'['.repeat(101)}${']'.repeat(101)}`
const withDetail = (detail: string) =>
  events.map((event, n) => (n === 4 ? event.replace('}', `,"detail":${detail}}`) : event))

type Case = [what: string, code: 0 | 1 | 2, asked: () => Promise<Asked>, seq?: number]
const plain = (bundle: Promise<Buffer>) => async () => ({ bundle: await bundle })
const asked = (bundle: Promise<Buffer>, rest: Omit<Asked, 'bundle'>) => async () => ({
  ...rest,
  bundle: await bundle,
})

const groups: Record<string, Case[]> = {
  'a bundle of the log': [
    ['as it should be', 0, plain(forge(log))],
    ['of one event', 0, plain(forge({ ...log, events: eventTexts(1) }))],
    ['from a later event', 0, plain(forge(late))],
    ['of the last event', 0, plain(forge({ ...log, from: 20 }))],
    ['with the given key', 0, asked(forge(log), { key: keyOf(first) })],
    ['with a strange key', 1, asked(forge(log), { key: keyOf(stranger) })],
    [
      'an event changed',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => old.with(4, old[4]?.replace('fault', 'state') ?? '')),
        ),
      ),
      5,
    ],
    [
      'an event dropped',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => old.toSpliced(4, 1)),
        ),
      ),
      5,
    ],
    [
      'the last event dropped',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => old.slice(0, -1)),
        ),
      ),
      20,
    ],
    [
      'two events swapped',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => old.with(4, old[5] as string).with(5, old[4] as string)),
        ),
      ),
      5,
    ],
    [
      'an event twice',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => old.toSpliced(4, 0, old[4] as string)),
        ),
      ),
      6,
    ],
    [
      'an event appended',
      1,
      plain(
        tamper(
          log,
          onEvents((old) => [...old, eventTexts(21)[20] as string]),
        ),
      ),
    ],
    [
      'no events',
      1,
      plain(
        tamper(
          log,
          onEvents(() => []),
        ),
      ),
      1,
    ],
    ['a line cut off', 1, plain(tamper(log, append('events.jsonl', '{"seq":21')))],
    [
      'an event changed, and the manifest signed again',
      1,
      plain(
        forge(
          log,
          onEvents((old) => old.with(4, old[4]?.replace('fault', 'state') ?? '')),
        ),
      ),
      5,
    ],
    [
      'an event dropped, and the manifest signed again',
      1,
      plain(
        forge(
          log,
          onEvents((old) => old.toSpliced(4, 1)),
        ),
      ),
      5,
    ],
    [
      'an event with another number, hashed and signed',
      1,
      plain(forge({ ...log, events: events.with(4, events[5] as string) })),
      5,
    ],
    [
      'no JSON, hashed and signed',
      1,
      plain(forge({ ...log, events: events.with(4, '{"seq":5') })),
      5,
    ],
    [
      'a signed checkpoint of other events',
      1,
      plain(forge(log, (files) => void files.set('hashes.bin', Buffer.alloc(20 * 32)))),
    ],
    ['a checkpoint short of the end', 1, plain(forge({ ...log, checkpoints: [[19, 0]] }))],
    ['no checkpoint', 1, plain(forge({ ...log, checkpoints: [] }))],
    [
      'a checkpoint twice',
      1,
      plain(
        forge({
          ...log,
          checkpoints: [
            [20, 0],
            [20, 0],
          ],
        }),
      ),
    ],
    [
      'a checkpoint of before the beginning',
      1,
      plain(
        forge({
          ...late,
          checkpoints: [
            [5, 0],
            [20, 0],
          ],
        }),
      ),
    ],
    [
      'a checkpoint of the event before the first',
      0,
      plain(
        forge({
          ...late,
          checkpoints: [
            [12, 0],
            [20, 0],
          ],
        }),
      ),
    ],
    [
      'another frontier',
      1,
      plain(
        forge(
          late,
          editJson('proof.json', (proof) => void (proof.frontier as string[]).reverse()),
        ),
      ),
    ],
    [
      'a frontier too long',
      1,
      plain(
        forge(
          late,
          editJson('proof.json', (proof) => void (proof.frontier as string[]).push('0'.repeat(64))),
        ),
      ),
    ],
    ['a proof of two lines', 1, plain(forge(log, append('proof.json', '{}\n')))],
    [
      'a hash missing',
      1,
      plain(forge(log, (files) => void files.set('hashes.bin', Buffer.alloc(19 * 32)))),
    ],
    ['another kind', 1, plain(forge(log, () => {}, { kind: 'session' }))],
    ['another origin', 1, plain(forge(log, () => {}, { origin: 'pinlab/other' }))],
    ['an event number that is none', 1, plain(forge(log, () => {}, { to: 20.5 }))],
    ['a manifest with a number for a text', 1, plain(forge(log, () => {}, { madeBy: 7 }))],
    ['a manifest that names another file', 1, plain(forge(log, () => {}, { files: {} }))],
    [
      'a manifest signed by another',
      1,
      plain(
        tamper(log, (files) => {
          const [title, json] = lines(files.get('manifest.txt'))
          files.set('manifest.txt', Buffer.from(signNote(`${title}\n${json}\n`, [stranger])))
        }),
      ),
    ],
    [
      'a second signature of the manifest',
      1,
      plain(
        tamper(log, (files) => {
          const [title, json] = lines(files.get('manifest.txt'))
          files.set('manifest.txt', Buffer.from(signNote(`${title}\n${json}\n`, [first, stranger])))
        }),
      ),
    ],
  ],
  JSON: [
    [
      '100 levels deep',
      0,
      plain(forge({ ...log, events: withDetail('['.repeat(99) + ']'.repeat(99)) })),
    ],
    ['101 levels deep', 1, plain(forge({ ...log, events: withDetail(deep) })), 5],
    [
      'brackets in a text',
      0,
      plain(forge({ ...log, events: withDetail(JSON.stringify(`"\\${deep}`)) })),
    ],
    ['NaN', 1, plain(forge({ ...log, events: withDetail('NaN') })), 5],
    ['a number of 5,000 digits', 0, plain(forge({ ...log, events: withDetail('7'.repeat(5000)) }))],
    ['half a surrogate', 0, plain(forge({ ...log, events: withDetail('"\\ud800"') }))],
    ['a key twice', 0, plain(forge({ ...log, events: withDetail('1,"seq":9,"seq":5') }))],
    ['a number with a point', 0, plain(forge({ ...log, events: withDetail('1,"seq":5.0') }))],
    ['true for 1', 1, plain(forge({ ...log, events: events.with(0, '{"seq":true}') })), 1],
    [
      'a byte order mark',
      1,
      plain(forge({ ...log, events: events.with(0, `\ufeff${events[0]}`) })),
      1,
    ],
    ['a tab in a text', 1, plain(forge({ ...log, events: withDetail('"\t"') })), 5],
    [
      'a line of more than 16 MiB',
      1,
      plain(forge({ ...log, events: withDetail(`"${'x'.repeat(2 ** 24)}"`) })),
    ],
    [
      'bytes that are no UTF-8',
      1,
      plain(
        forge(log, (files) => {
          files.set('parts.jsonl', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]))
        }),
      ),
    ],
  ],
  'the archive': [
    ['empty', 2, async () => ({ bundle: Buffer.of() })],
    ['something else', 2, async () => ({ bundle: Buffer.alloc(4096) })],
    ['only a name', 1, async () => ({ bundle: tarHeader('keys.jsonl', 0).subarray(0, 100) })],
    ['a block short', 1, async () => ({ bundle: (await forge(log)).subarray(0, -512) })],
    ['a byte short', 1, async () => ({ bundle: (await forge(log)).subarray(0, -1) })],
    ['half', 1, async () => ({ bundle: (await forge(log)).subarray(0, 4000) })],
    [
      'a block more',
      1,
      async () => ({ bundle: Buffer.concat([await forge(log), Buffer.alloc(512)]) }),
    ],
    ['another file', 1, plain(tamper(log, (files) => void files.set('more.txt', Buffer.of(1))))],
    ['a file missing', 1, plain(tamper(log, (files) => void files.delete('parts.jsonl')))],
    [
      'files in another order',
      1,
      async () => {
        const files = [...(await forgeFiles(log))]
        return {
          bundle: archiveOf([files[0], files[2], files[1], ...files.slice(3)] as typeof files),
        }
      },
    ],
  ],
  keys: [
    ['that were changed twice', 0, plain(forge(rotated))],
    ['that were changed twice, with the first', 0, asked(forge(rotated), { key: keyOf(first) })],
    [
      'that were changed twice, with the one between',
      0,
      asked(forge(rotated), { key: keyOf(second) }),
    ],
    ['that were changed twice, with the last', 0, asked(forge(rotated), { key: keyOf(third) })],
    [
      'of which the first was lost',
      0,
      plain(
        forge({
          ...rotated,
          keys: [{ signer: first }, { signer: second }, { signer: third, isVouchedFor: true }],
        }),
      ),
    ],
    [
      'of which the first was lost, with the first',
      1,
      asked(
        forge({
          ...rotated,
          keys: [{ signer: first }, { signer: second }, { signer: third, isVouchedFor: true }],
        }),
        { key: keyOf(first) },
      ),
    ],
    [
      'of which the first was lost, with the second',
      0,
      asked(
        forge({
          ...rotated,
          keys: [{ signer: first }, { signer: second }, { signer: third, isVouchedFor: true }],
        }),
        { key: keyOf(second) },
      ),
    ],
    [
      'with a statement of others',
      1,
      plain(
        forge(
          rotated,
          editJson(
            'keys.jsonl',
            (key) => Object.assign(key, { statement: statementOf(first, stranger) }),
            1,
          ),
        ),
      ),
    ],
    [
      'with a statement that one has signed',
      1,
      plain(
        forge(
          rotated,
          editJson(
            'keys.jsonl',
            (key) => {
              const text = `pinlab-audit-key/v1\n${keyOf(first)}\n${keyOf(second)}\nthen\n`
              key.statement = signNote(text, [second])
            },
            1,
          ),
        ),
      ),
    ],
    [
      'with a statement for the first',
      1,
      plain(forge({ ...log, keys: [{ signer: first, isVouchedFor: true }] })),
    ],
    [
      'one of them twice',
      1,
      plain(
        forge(
          log,
          editLines('keys.jsonl', (old) => [...old, ...old]),
        ),
      ),
    ],
    [
      'none',
      1,
      plain(
        forge(
          log,
          editLines('keys.jsonl', () => []),
        ),
      ),
    ],
    [
      'the last checkpoint signed by a lost one',
      1,
      plain(
        forge({ ...log, keys: [{ signer: first }, { signer: second }], checkpoints: [[20, 0]] }),
      ),
    ],
    [
      'a checkpoint signed by none of them',
      1,
      plain(
        forge(
          log,
          editJson('checkpoints.jsonl', (one) =>
            Object.assign(one, { note: checkpointOf(events, 20, stranger) }),
          ),
        ),
      ),
    ],
    [
      'a whole log signed again',
      1,
      asked(forge({ ...log, keys: [{ signer: stranger }] }), { key: keyOf(first) }),
    ],
    [
      'a whole log signed again, that names the old key',
      1,
      asked(forge({ ...log, keys: [{ signer: first }, { signer: stranger }] }), {
        key: keyOf(first),
      }),
    ],
  ],
  'a checkpoint that is held': [
    ['of the end', 0, asked(forge(log), { since: checkpointOf(events, 20, first) })],
    ['of the middle', 0, asked(forge(log), { since: checkpointOf(events, 9, first) })],
    [
      'with white space behind it',
      0,
      asked(forge(log), { since: `${checkpointOf(events, 9, first)}\r\n \t\n` }),
    ],
    ['of no events', 0, asked(forge(log), { since: checkpointOf(events, 0, first) })],
    [
      'of the event before the first',
      0,
      asked(forge(late), { since: checkpointOf(events, 12, first) }),
    ],
    [
      'of before the first, with a proof',
      0,
      asked(forge({ ...late, since: 7 }), { since: checkpointOf(events, 7, first) }),
    ],
    [
      'of before the first, a whole subtree, with a proof',
      0,
      asked(forge({ ...late, since: 8 }), { since: checkpointOf(events, 8, first) }),
    ],
    [
      'of before the first, without a proof',
      2,
      asked(forge(late), { since: checkpointOf(events, 7, first) }),
    ],
    [
      'of before the first, with another proof',
      2,
      asked(forge({ ...late, since: 6 }), { since: checkpointOf(events, 7, first) }),
    ],
    [
      'of before the first, with a wrong proof',
      1,
      asked(
        forge(
          { ...late, since: 7 },
          editJson(
            'proof.json',
            (proof) => void (proof.consistency as { hashes: string[] }).hashes.reverse(),
          ),
        ),
        { since: checkpointOf(events, 7, first) },
      ),
    ],
    [
      'of before the first, with a proof cut off',
      1,
      asked(
        forge(
          { ...late, since: 7 },
          editJson(
            'proof.json',
            (proof) => void (proof.consistency as { hashes: string[] }).hashes.pop(),
          ),
        ),
        { since: checkpointOf(events, 7, first) },
      ),
    ],
    [
      'of no events, with a later beginning',
      0,
      asked(forge(late), { since: checkpointOf(events, 0, first) }),
    ],
    ['of more events', 2, asked(forge(log), { since: checkpointOf(eventTexts(21), 21, first) })],
    [
      'of more events, of a bundle that was changed',
      1,
      asked(
        tamper(
          log,
          onEvents((old) => old.slice(1)),
        ),
        { since: checkpointOf(eventTexts(21), 21, first) },
      ),
      1,
    ],
    ['by an earlier key', 0, asked(forge(rotated), { since: checkpointOf(events, 7, first) })],
    ['by a strange key', 1, asked(forge(log), { since: checkpointOf(events, 9, stranger) })],
    [
      'by its key, after the log was rewritten',
      1,
      asked(forge({ ...log, events: rewritten }), { since: checkpointOf(events, 9, first) }),
    ],
    [
      'of before that, which shows nothing',
      0,
      asked(forge({ ...log, events: rewritten }), { since: checkpointOf(events, 5, first) }),
    ],
    [
      'of before the first, after the log was rewritten',
      1,
      asked(forge({ ...late, events: rewritten, since: 7 }), {
        since: checkpointOf(events, 7, first),
      }),
    ],
    ['that is none', 2, asked(forge(log), { since: 'pinlab/test\n' })],
    [
      'that was damaged',
      1,
      asked(forge(log), { since: checkpointOf(events, 9, first).replace('\n9\n', '\n8\n') }),
    ],
  ],
  'pruned events': [
    [
      'in the middle',
      0,
      plain(
        forge({
          ...log,
          pruned: [
            [3, 6],
            [8, 8],
          ],
        }),
      ),
    ],
    [
      'at both ends',
      0,
      plain(
        forge({
          ...log,
          pruned: [
            [1, 6],
            [19, 20],
          ],
        }),
      ),
    ],
    ['all', 0, plain(forge({ ...log, pruned: [[1, 20]] }))],
    [
      'one of them there',
      1,
      plain(
        forge(
          { ...log, pruned: [[3, 6]] },
          onEvents((old) => old.toSpliced(2, 0, events[2] as string)),
        ),
      ),
      7,
    ],
    [
      'one more gone',
      1,
      plain(
        forge(
          { ...log, pruned: [[3, 6]] },
          onEvents((old) => old.toSpliced(2, 1)),
        ),
      ),
      7,
    ],
    [
      'out of order',
      1,
      plain(
        forge({
          ...log,
          pruned: [
            [8, 8],
            [3, 6],
          ],
        }),
      ),
    ],
    [
      'overlapping',
      1,
      plain(
        forge({
          ...log,
          pruned: [
            [3, 6],
            [6, 8],
          ],
        }),
      ),
    ],
    ['beyond the end', 1, plain(forge({ ...log, pruned: [[19, 21]] }))],
    ['before the beginning', 1, plain(forge({ ...late, pruned: [[12, 14]] }))],
    ['that end before they begin', 1, plain(forge({ ...log, pruned: [[6, 5]] }))],
  ],
  parts: [
    ['as they should be', 0, plain(forge(people))],
    ['erased', 0, plain(forge({ ...people, parts: [part(4)] }))],
    [
      'another text',
      1,
      plain(forge({ ...people, parts: [part(3, { text: '{"name":"Eve"}' })] })),
      3,
    ],
    ['another salt', 1, plain(forge({ ...people, parts: [part(3, { salt: 'U2FsdA==' })] })), 3],
    [
      'a salt written in another way',
      1,
      plain(forge({ ...people, parts: [part(3, { salt: 'c2FsdB==' })] })),
      3,
    ],
    ['another kind', 1, plain(forge({ ...people, parts: [part(3, { kind: 'addresses' })] })), 3],
    ['somebody else’s', 1, plain(forge({ ...people, parts: [part(3, { of: null })] })), 3],
    ['of another number', 1, plain(forge({ ...people, parts: [part(3, { n: 1 })] })), 3],
    ['twice', 1, plain(forge({ ...people, parts: [part(3), part(3)] })), 3],
    ['out of order', 1, plain(forge({ ...people, parts: [part(4), part(3)] }))],
    ['of an event that is not there', 1, plain(forge({ ...people, parts: [part(21)] }))],
    ['of an event that was pruned', 1, plain(forge({ ...people, pruned: [[3, 3]] }))],
    ['that the event knows nothing of', 1, plain(forge({ ...log, parts: [part(3)] })), 3],
    [
      'changed',
      1,
      plain(
        tamper(
          people,
          editJson('parts.jsonl', (one) => Object.assign(one, { text: '{}' })),
        ),
      ),
    ],
  ],
  'a bundle of a session': [
    ['as it should be', 0, plain(forge(session))],
    ['without events', 0, plain(forge({ ...session, session: 'none' }))],
    ['some of whose events are pruned', 0, plain(forge({ ...session, pruned: [[3, 8]] }))],
    ['with a given key', 0, asked(forge(session), { key: keyOf(first) })],
    ['with a strange key', 1, asked(forge(session), { key: keyOf(stranger) })],
    [
      'with a checkpoint of the same size',
      0,
      asked(forge(session), { since: checkpointOf(mixed, 20, first) }),
    ],
    [
      'with such a checkpoint of another log',
      1,
      asked(forge(session), { since: checkpointOf(events, 20, first) }),
    ],
    [
      'with an earlier checkpoint',
      2,
      asked(forge(session), { since: checkpointOf(mixed, 9, first) }),
    ],
    [
      'with a later checkpoint',
      2,
      asked(forge(session), { since: checkpointOf(eventTexts(21), 21, first) }),
    ],
    [
      'an event dropped',
      1,
      plain(
        tamper(
          session,
          onEvents((old) => old.toSpliced(1, 1)),
        ),
      ),
    ],
    [
      'an event changed',
      1,
      plain(
        forge(
          session,
          onEvents((old) => old.with(1, old[1]?.replace('then', 'now') ?? '')),
        ),
      ),
      4,
    ],
    [
      'two events swapped',
      1,
      plain(
        forge(
          session,
          onEvents((old) => old.with(1, old[2] as string).with(2, old[1] as string)),
        ),
      ),
      7,
    ],
    [
      'an event of another session',
      1,
      plain(forge({ ...session, events }, () => {}, { session: 'other' })),
      1,
    ],
    [
      'a proof swapped',
      1,
      plain(
        forge(
          session,
          editLines('proofs.jsonl', (old) => old.toReversed()),
        ),
      ),
      1,
    ],
    [
      'a proof cut off',
      1,
      plain(
        forge(
          session,
          editJson('proofs.jsonl', (proof) => void (proof.hashes as string[]).pop()),
        ),
      ),
      1,
    ],
    [
      'a proof too long',
      1,
      plain(
        forge(
          session,
          editJson('proofs.jsonl', (proof) => void (proof.hashes as string[]).push('0'.repeat(64))),
        ),
      ),
      1,
    ],
    ['an event within what is pruned', 1, plain(forge(session, () => {}, { pruned: [[3, 8]] })), 4],
    [
      'two checkpoints',
      1,
      plain(
        forge({
          ...session,
          checkpoints: [
            [9, 0],
            [20, 0],
          ],
        }),
      ),
    ],
  ],
}

const cases = Object.entries(groups).flatMap(([group, some]) =>
  some.map(([what, code, toAsk, seq]) => ({ what: `${group}: ${what}`, code, toAsk, seq })),
)

describe('our verifier', () => {
  it.each(cases)('$what', async ({ code, toAsk, seq }) => {
    const judged = judge(await toAsk())
    expect(judged).toMatchObject(seq === undefined ? { code } : { code, seq })
  })
})

const python = requireProgram({ names: ['python3'], install: 'apt-get install -y python3' })

describe.skipIf(python === null)('the verifier in Python', () => {
  let codes: (number | string)[] = []
  beforeAll(async () => {
    const asked = await Promise.all(cases.map(({ toAsk }) => toAsk()))
    const ends: (() => void | Promise<void>)[] = []
    codes = await askPython(
      temporaryFolder((end) => ends.push(end)),
      asked,
    )
    for (const end of ends) await end()
  }, 60_000)

  it.each(cases.map(({ what, code }, n) => ({ what, code, n })))('$what', ({ code, n }) => {
    expect(codes[n]).toBe(code)
  })
})
