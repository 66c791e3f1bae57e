import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { record } from '../../../server/audit/audit.ts'
import { beginLog } from '../../../server/audit/audit-log.ts'
import { Outcomes } from '../../../server/audit/outcomes.ts'
import { Spool, spoolByteLength } from '../../../server/audit/spool.ts'
import { Database } from '../../../server/plugins/database/database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { readWholeRecord } from '../../support/whole-record.ts'

const fileIn = (folder: string) => join(folder, 'audit', 'spool')

function openSpool(folder: string) {
  const opened = Spool.open(folder)
  onTestFinished(() => opened.spool.close())
  return opened
}

describe('the spool', () => {
  it('has its room from the start, and holds what was put there', () => {
    const folder = temporaryFolder()
    const { spool, left } = openSpool(folder)
    expect([left, readFileSync(fileIn(folder)).length]).toEqual([[], spoolByteLength])
    spool.append('one')
    spool.append('zwölf')
    expect(openSpool(folder).left).toEqual(['one', 'zwölf'])
    expect(readFileSync(fileIn(folder)).length).toBe(spoolByteLength)
    spool.clear()
    expect(readFileSync(fileIn(folder)).equals(Buffer.alloc(spoolByteLength))).toBe(true)
  })

  it('knows an entry that was cut off, and goes on in its place', () => {
    const folder = temporaryFolder()
    const { spool } = openSpool(folder)
    spool.append('whole')
    const end = spool.used
    spool.append('cut off')
    const bytes = readFileSync(fileIn(folder))
    writeFileSync(fileIn(folder), bytes.fill(0, end + 38))
    const again = openSpool(folder)
    expect(again.left).toEqual(['whole'])
    again.spool.append('next')
    expect(openSpool(folder).left).toEqual(['whole', 'next'])
  })

  it('refuses what does not fit any more', () => {
    const { spool } = openSpool(temporaryFolder())
    spool.append('x'.repeat(spoolByteLength - 100))
    expect(() => spool.append('x'.repeat(100))).toThrow()
    spool.append('x')
  })

  it('that cannot be made keeps the server from starting, with a reason', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'audit'), 'a file')
    expect(() => Spool.open(folder)).toThrow(
      expect.objectContaining({ code: 'PINLAB_START_SPOOL' }),
    )
  })
})

interface Fault {
  n: number
  text?: string
  optional?: boolean
  isMistaken?: boolean
}

describe('outcomes that the database refuses', () => {
  async function open() {
    const folder = temporaryFolder()
    const database = await Database.open(folder)
    onTestFinished(() => database.close())
    const { log } = Fastify()
    await beginLog(database, log)
    const outcomes = new Outcomes({ database, log, ...openSpool(folder) })
    const refuse = (on: boolean) =>
      database.write((tx) => tx.$queryRawUnsafe(`PRAGMA query_only = ${on ? 1 : 0}`))
    const said = async () =>
      (await readWholeRecord(database.reader)).slice(1).map(({ type, detail }) => [type, detail])
    const fault = outcomes.kind(
      'fault',
      async (tx, detail: Fault) => {
        if (detail.isMistaken) throw new Error('a mistake')
        return record(tx, { type: 'board.fault', actor: 'system', detail: { n: detail.n } })
      },
      { mayBeLeftOut: ({ optional = false }) => optional },
    )
    return { folder, database, log, outcomes, refuse, said, fault }
  }

  it('are written in order, each once, and keep new work back until then', async () => {
    const { outcomes, refuse, said, fault } = await open()
    outcomes.checkRecordWorks()
    await refuse(true)
    await fault.settle({ n: 1 })
    await fault.settle({ n: 2 })
    expect(fault.owed).toEqual([{ n: 1 }, { n: 2 }])
    expect(() => outcomes.checkRecordWorks()).toThrow(
      expect.objectContaining({ code: 'PINLAB_SERVER_DATABASE' }),
    )
    await refuse(false)
    await fault.settle({ n: 3 })
    await outcomes.workOff()
    outcomes.checkRecordWorks()
    const spooled = { spooled: true }
    expect(await said()).toEqual([
      ['board.fault', { n: 1, ...spooled }],
      ['board.fault', { n: 2, ...spooled }],
      ['board.fault', { n: 3, ...spooled }],
      ['audit.spooled', expect.objectContaining({ count: 3, first: 1, last: 3 })],
    ])
  })

  it('that can never be written do not keep the others back, and the record holds them', async () => {
    const { outcomes, refuse, said, fault } = await open()
    await refuse(true)
    for (const n of [1, 2, 3]) await fault.settle({ n, isMistaken: n === 2 })
    await refuse(false)
    await outcomes.workOff()
    outcomes.checkRecordWorks()
    const notApplied = { kind: 'fault', outcome: { n: 2, isMistaken: true } }
    expect(await said()).toMatchObject([
      ['board.fault', { n: 1 }],
      ['audit.spooled', { first: 1, last: 1 }],
      ['audit.spooled', { first: 2, last: 2, notApplied }],
      ['board.fault', { n: 3 }],
      ['audit.spooled', { first: 3, last: 3 }],
    ])
    await expect(fault.settle({ n: 4, isMistaken: true })).rejects.toThrow('a mistake')
  })

  it('that may be left out are, once half of the spool is taken; how many, the record says', async () => {
    const { outcomes, refuse, said, fault } = await open()
    await refuse(true)
    await fault.settle({ n: 1, text: 'x'.repeat(spoolByteLength / 2) })
    await fault.settle({ n: 2, optional: true })
    await fault.settle({ n: 3 })
    await refuse(false)
    await outcomes.workOff()
    expect((await said()).at(-1)).toEqual([
      'audit.spooled',
      expect.objectContaining({ count: 2, leftOut: 1 }),
    ])
  })

  it('stay in memory when the spool does not take them either', async () => {
    const { folder, database, log } = await open()
    const { spool } = Spool.open(folder)
    spool.close()
    const outcomes = new Outcomes({ database, log, spool, left: [] })
    const fault = outcomes.kind('fault', (tx, { n }: { n: number }) =>
      record(tx, { type: 'board.fault', actor: 'system', detail: { n } }),
    )
    await database.write((tx) => tx.$queryRawUnsafe('PRAGMA query_only = 1'))
    await fault.settle({ n: 1 })
    expect(fault.owed).toEqual([{ n: 1 }])
    await database.write((tx) => tx.$queryRawUnsafe('PRAGMA query_only = 0'))
    await outcomes.workOff()
    expect(fault.owed).toEqual([])
    const events = await readWholeRecord(database.reader)
    expect(events.at(-2)).toMatchObject({ type: 'board.fault', detail: { n: 1, spooled: true } })
  })
})
