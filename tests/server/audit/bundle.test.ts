// The record as it leaves a lab: what is in an export, for whom, and that both verifiers find it as it was recorded.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { readFrontierOf } from '../../../server/audit/checkpoint-store.ts'
import { csvCell } from '../../../server/audit/csv.ts'
import { checkpointText, signNote } from '../../../server/audit/note.ts'
import { newSigner, openSigningKey } from '../../../server/audit/signing-key.ts'
import { verify } from '../../../server/audit/verify/audit-verify.ts'
import type { CheckpointStatus } from '../../../server/contract/audit.ts'
import { type Asked, askPython, judge, linesOf } from '../../support/audit-verifiers.ts'
import { statementOf } from '../../support/forged-bundle.ts'
import { addTestPerson } from '../../support/people.ts'
import { requireProgram } from '../../support/requirements.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openLab, sharedLab, type TestLab } from '../../support/test-lab.ts'

const hasPython =
  requireProgram({ names: ['python3'], install: 'apt-get install -y python3' }) !== null

/** By both verifiers. */
async function proved(asked: Asked) {
  const judged = judge(asked)
  expect(judged).toMatchObject({ code: 0 })
  if (hasPython) expect(await askPython(temporaryFolder(), [asked])).toEqual([0])
  return judged.proved
}

const statusOf = async (lab: TestLab) => (await lab.get<CheckpointStatus>('/audit/checkpoint')).body

async function addEvents(lab: TestLab, count: number) {
  await lab.database.write(async (tx) => {
    for (let n = 0; n < count; n++) await record(tx, { type: 'board.fault', actor: 'system' })
  })
}

async function worked(lab: TestLab) {
  await lab.take()
  const { id } = await lab.lock()
  await lab.start(id, { byteLength: 4096 })
  await lab.post(`/dma-sessions/${id}/unlock`)
  return id
}

describe('a bundle', () => {
  const lab = sharedLab()

  it('holds the log as it was recorded, and its own export', async () => {
    await worked(lab())
    await addEvents(lab(), 700)
    const answer = await lab().get('/audit/export')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/x-tar')
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length))
    expect(answer.headers['content-disposition']).toMatch(
      /^attachment; filename="pinlab-record-1-\d+-\d{8}T\d{6}Z\.tar"$/,
    )
    const { key } = await statusOf(lab())
    const result = await proved({ bundle: answer.bytes, key })
    const rows = await lab().database.reader.auditEvent.findMany({ orderBy: { seq: 'asc' } })
    expect(linesOf(answer.bytes, 'events.jsonl')).toEqual(
      rows.map(({ payload }) => JSON.parse(payload)),
    )
    expect(result).toMatchObject({ events: rows.length, manifest: { madeBy: lab().person.id } })
    expect(rows.at(-1)).toMatchObject({ type: 'audit.exported', actor: lab().person.id })
  })

  it('goes on from a checkpoint that somebody holds', async () => {
    const { checkpoint } = await statusOf(lab())
    await addEvents(lab(), 300)
    const size = checkpoint?.size ?? 0
    const whole = await lab().get('/audit/export')
    await proved({ bundle: whole.bytes, since: checkpoint?.note })
    const rest = await lab().get(`/audit/export?from=${size + 100}&since=${size}`)
    await proved({ bundle: rest.bytes, since: checkpoint?.note })
    const without = await lab().get(`/audit/export?from=${size + 100}`)
    expect(judge({ bundle: without.bytes, since: checkpoint?.note }).code).toBe(2)
  })

  it('stays as it was begun while events are appended', async () => {
    const bundles = lab().get('/audit/export')
    for (let n = 0; n < 20; n++) await addEvents(lab(), 5)
    await proved({ bundle: (await bundles).bytes })
  })

  it('of a session holds its events, each with its proof', async () => {
    const { session } = await lab().database.reader.auditEvent.findFirstOrThrow({
      where: { type: 'dma.lock.granted' },
    })
    const { bytes } = await lab().get(`/audit/export?session=${session}`)
    const result = await proved({ bundle: bytes, key: (await statusOf(lab())).key })
    const count = await lab().database.reader.auditEvent.count({ where: { session } })
    expect(result).toMatchObject({ events: count, manifest: { kind: 'session', session } })
    const { checkpoint } = await statusOf(lab())
    await proved({ bundle: bytes, since: checkpoint?.note })
  })

  it('leaves out what was pruned and what was erased', async () => {
    const { database } = lab()
    const person = await addTestPerson(database, 'operator')
    await lab().as(person).take()
    await database.write(async (tx) => {
      const rows = await tx.auditEvent.findMany({ where: { seq: { gt: 256, lte: 768 } } })
      for (const index of [1, 2]) {
        const own = rows.filter(({ seq }) => Math.floor((seq - 1) / 256) === index)
        const leafHashes = new Uint8Array(
          Buffer.concat(own.map(({ leafHash }) => leafHash ?? Buffer.of())),
        )
        await tx.auditSegment.updateMany({ where: { index }, data: { leafHashes } })
      }
      await tx.auditEvent.deleteMany({ where: { seq: { gt: 256, lte: 768 } } })
      await tx.auditPart.deleteMany({ where: { of: person.id } })
    })
    const { bytes } = await lab().get('/audit/export?from=300')
    const result = await proved({ bundle: bytes })
    expect(result?.manifest.pruned).toEqual([[300, 768]])
    expect(result?.events).toBe((result?.manifest.to ?? 0) - 768)
    expect(linesOf(bytes, 'parts.jsonl').some(({ of }) => of === person.id)).toBe(false)
    const { bytes: whole } = await lab().get('/audit/export')
    expect((await proved({ bundle: whole }))?.manifest.pruned).toEqual([[257, 768]])
  })

  it('is proved through a change of the key', async () => {
    const dataFolder = temporaryFolder()
    const changed = await openLab({ dataFolder })
    await changed.get('/audit/export')
    const { key: before, checkpoint } = await statusOf(changed)
    const old = openSigningKey(dataFolder, [])
    await changed.app.close()
    const key = newSigner(old.key.name)
    const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(join(dataFolder, 'audit', 'signing-key'), `${key.key.name}\n${pem}`)
    const again = await openLab({ dataFolder })
    const { bytes: lost } = await again.get('/audit/export')
    await proved({ bundle: lost })
    expect(judge({ bundle: lost, key: before }).code).toBe(1)
    expect(judge({ bundle: lost, since: checkpoint?.note }).code).toBe(0)
    const statement = statementOf(old, key)
    await again.database.write(async (tx) => {
      await tx.$executeRawUnsafe('DROP TRIGGER "AuditKey_not_changed"')
      await tx.auditKey.updateMany({ where: { key: key.key.text }, data: { statement } })
    })
    const { bytes } = await again.get('/audit/export')
    await proved({ bundle: bytes, key: before })
    await proved({ bundle: bytes, key: key.key.text, since: checkpoint?.note })
  })

  it('shows that the log of another lab is another one', async () => {
    const { key, checkpoint } = await statusOf(lab())
    const { bytes } = await (await openLab()).get('/audit/export')
    expect(judge({ bundle: bytes, key }).code).toBe(1)
    expect(judge({ bundle: bytes, since: checkpoint?.note }).code).toBe(1)
  })
})

describe('an export', () => {
  const lab = sharedLab()

  it('shows people to administrators and auditors, addresses to administrators', async () => {
    const owner = lab().as(await addTestPerson(lab().database, 'operator'))
    const id = await worked(owner)
    const kinds = async (by: TestLab, url: string) => {
      const { bytes } = await by.get(url)
      await proved({ bundle: bytes })
      return new Set(linesOf(bytes, 'parts.jsonl').map(({ kind }) => kind))
    }
    const auditor = lab().as(await addTestPerson(lab().database, 'auditor'))
    expect(await kinds(lab(), '/audit/export')).toEqual(new Set(['personal', 'addresses']))
    expect(await kinds(auditor, '/audit/export')).toEqual(new Set(['personal']))
    expect(await kinds(owner, `/audit/export?session=${id}`)).toEqual(new Set())
    const other = lab().as(await addTestPerson(lab().database, 'operator'))
    for (const [by, url] of [
      [owner, '/audit/export'],
      [other, `/audit/export?session=${id}`],
    ] as const) {
      expect(await by.get(url)).toMatchObject({
        status: 403,
        body: { code: 'PINLAB_PERMISSION_DENIED' },
      })
    }
  })

  it('as JSON lines holds the payloads', async () => {
    const { bytes, headers } = await lab().get('/audit/export?format=jsonl&from=3')
    expect(headers['content-type']).toBe('application/x-ndjson')
    const rows = await lab().database.reader.auditEvent.findMany({
      where: { seq: { gte: 3 } },
      orderBy: { seq: 'asc' },
    })
    expect(bytes.toString()).toBe(rows.map(({ payload }) => `${payload}\n`).join(''))
  })

  it('as CSV is a table that a spreadsheet shows and does not compute', async () => {
    const { bytes, headers } = await lab().get('/audit/export?format=csv')
    expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    const text = bytes.toString()
    expect(text.startsWith('\ufeffseq,at,type,')).toBe(true)
    expect(text.split('\r\n').at(-2)).toMatch(/,audit\.exported,.*,"\{""format"":""csv""/)
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']
    for (const value of evil) expect(csvCell(value)).toBe(`"'${value}"`)
    expect(['a"b', 'a,b', 'a\nb', 'a=b', '', null, 7].map(csvCell)).toEqual([
      '"a""b"',
      '"a,b"',
      '"a\nb"',
      'a=b',
      '',
      '',
      '7',
    ])
  })

  it.each([
    'from=1000000',
    'since=1000000',
    'since=2&format=csv',
    'since=2&session=01a22048-4377-74eb-ac13-21f972ba2b4d',
  ])('refuses %s', async (query) => {
    const answer = await lab().get(`/audit/export?${query}`)
    expect([400, 404]).toContain(answer.status)
    expect(['PINLAB_AUDIT_RANGE', 'PINLAB_SESSION_UNKNOWN']).toContain(answer.body.code)
  })

  it('is refused while two others are on their way', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => lab().get('/audit/export')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429])
    expect(answers.find(({ status }) => status === 429)?.body.code).toBe('PINLAB_AUDIT_EXPORTS')
    expect((await lab().get('/audit/export')).status).toBe(200)
  })
})

describe('the command', () => {
  it('says what was proved, by which key, and how much', async () => {
    const lab = await openLab()
    const folder = temporaryFolder()
    const file = (name: string, content: Buffer | string) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const { bytes } = await lab.get('/audit/export')
    const { key, checkpoint } = await statusOf(lab)
    const bundle = file('bundle.tar', bytes)
    const held = file('held', checkpoint?.note ?? '')
    const keyFile = file('key', `${key}\n`)
    expect(verify([bundle])).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('nothing'),
    })
    for (const given of [
      ['--key', key],
      ['--key-file', keyFile],
      ['--since', held],
    ]) {
      expect(verify([bundle, ...given])).toMatchObject({
        exitCode: 0,
        text: expect.stringContaining(key),
      })
    }
    const changed = readFileSync(bundle, 'latin1').replace('system', 'nobody')
    const tampered = file('tampered.tar', Buffer.from(changed, 'latin1'))
    expect(verify([tampered])).toMatchObject({ exitCode: 1 })
    for (const args of [
      [],
      [bundle, bundle],
      [bundle, '--key'],
      [bundle, '--key', 'none'],
      [bundle, '--key', key, '--key-file', keyFile],
      [bundle, '--since', join(folder, 'missing')],
      [bundle, '--since', bundle],
      [bundle, '--what'],
      [folder],
      [join(folder, 'missing')],
    ]) {
      expect(verify(args)).toMatchObject({ exitCode: 2 })
    }
  })

  it('finds a root for each size that it is asked for', async () => {
    const dataFolder = temporaryFolder()
    const lab = await openLab({ dataFolder })
    await addEvents(lab, 600)
    const { bytes } = await lab.get('/audit/export?from=520')
    const signer = openSigningKey(dataFolder, [])
    const origin = signer.key.name
    for (const size of [519, 520, 600]) {
      const root = (await readFrontierOf(lab.database.reader, size)).root()
      const since = signNote(checkpointText({ origin, size, root }), [signer])
      await proved({ bundle: bytes, since })
    }
  })
})
