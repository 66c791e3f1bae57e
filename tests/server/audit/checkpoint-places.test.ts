// Checkpoints that leave the machine, against receivers that are real servers.

import { describe, expect, it } from 'vitest'
import { syslogMessage } from '../../../server/audit/checkpoint-syslog.ts'
import { openNote, parseCheckpoint, parseVerifierKey } from '../../../server/audit/note.ts'
import { checkpointStatusOf as statusOf } from '../../support/audit-lab.ts'
import { tcpSyslog, udpSyslog } from '../../support/syslog-server.ts'
import { openLab, type TestLab } from '../../support/test-lab.ts'
import { isSigned, newReceiver } from '../../support/webhook-receiver.ts'

const patience = { timeout: 20_000, interval: 10 }
const sinkOf = async (lab: TestLab, name: string) =>
  (await statusOf(lab)).sinks.find((sink) => sink.name === name)

/** Something is recorded, and a checkpoint made over it. */
async function makeCheckpoint(lab: TestLab): Promise<void> {
  await lab.take()
  await lab.clock.advance(1000)
  await lab.clock.advance(10_000)
}

/** As the documents tell people to read it back. */
function noteIn(message: string): string {
  const base64 = / note=(\S+)$/.exec(message)?.[1] ?? ''
  return Buffer.from(base64, 'base64').toString()
}

async function sizeIn(lab: TestLab, note: string): Promise<number> {
  const { key } = await statusOf(lab)
  return parseCheckpoint(openNote(note, [parseVerifierKey(key)]).text).size
}

describe('a webhook for checkpoints', () => {
  it('is sent each one, signed', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ checkpoints: { webhooks: [receiver.target('notary')] } })
    await makeCheckpoint(lab)
    await expect.poll(() => receiver.bodies.length, patience).toBe(1)
    const [body = '', signature = ''] = [receiver.bodies[0], receiver.signatures[0]]
    const { origin, checkpoint } = await statusOf(lab)
    expect(JSON.parse(body)).toEqual({ origin, ...checkpoint })
    expect(isSigned(body, signature, lab.clock.now())).toBe(true)
    expect(isSigned(`${body} `, signature, lab.clock.now())).toBe(false)
    const size = checkpoint?.size
    await expect.poll(() => sinkOf(lab, 'notary'), patience).toMatchObject({ size, error: null })
    expect(await sinkOf(lab, 'file')).toMatchObject({ size, error: null })
  })

  it('that fails is tried again with the newest after a pause, and holds up no other place', async () => {
    const receiver = await newReceiver()
    const lab = await openLab({ checkpoints: { webhooks: [receiver.target('notary')] } })
    receiver.answer = 503
    await makeCheckpoint(lab)
    await expect
      .poll(() => sinkOf(lab, 'notary'), patience)
      .toMatchObject({ size: null, error: 'It answered 503.' })
    expect(receiver.bodies).toHaveLength(1)
    receiver.answer = 204
    await lab.clock.advance(1000)
    expect(receiver.bodies).toHaveLength(1)
    await lab.lock({ byteLength: 4096 })
    await lab.clock.advance(1000)
    await lab.clock.advance(10_000)
    const newest = (await statusOf(lab)).checkpoint?.size
    await expect
      .poll(() => sinkOf(lab, 'notary'), patience)
      .toMatchObject({ size: newest, error: null })
    expect((await sinkOf(lab, 'file'))?.size).toBe(newest)
    expect(JSON.parse(receiver.bodies.at(-1) ?? '')).toMatchObject({ size: newest })
  })

  it('is not waited for for ever when the server ends', async () => {
    const receiver = await newReceiver()
    receiver.answer = null
    const lab = await openLab({ checkpoints: { webhooks: [receiver.target('notary')] } })
    await makeCheckpoint(lab)
    await lab.app.close()
    expect(receiver.bodies.length).toBeGreaterThan(0)
  })
})

describe('a syslog server', () => {
  it('is sent one line by UDP, from which the note can be read back', async () => {
    const server = await udpSyslog()
    const lab = await openLab({ checkpoints: { syslog: [server.target('siem')] } })
    await makeCheckpoint(lab)
    await expect.poll(() => server.received.length, patience).toBe(1)
    const [message = ''] = server.received
    expect(message).toMatch(
      /^<109>1 2027-01-11T14:00:11\.000Z \S+ pinlab \d+ checkpoint - origin=\S+ size=\d+ note=\S+$/,
    )
    const { checkpoint } = await statusOf(lab)
    expect(noteIn(message)).toBe(checkpoint?.note)
    expect(await sizeIn(lab, noteIn(message))).toBe(checkpoint?.size)
  })

  it('is sent its length and the line by TCP', async () => {
    const server = await tcpSyslog()
    const lab = await openLab({ checkpoints: { syslog: [server.target('siem')] } })
    await makeCheckpoint(lab)
    await expect.poll(() => server.received.length, patience).toBe(1)
    const [, length, message = ''] = /^(\d+) (.*)$/s.exec(server.received[0] ?? '') ?? []
    expect(Number(length)).toBe(Buffer.byteLength(message))
    const { checkpoint } = await statusOf(lab)
    expect(noteIn(message)).toBe(checkpoint?.note)
    await expect
      .poll(() => sinkOf(lab, 'siem'), patience)
      .toMatchObject({ size: checkpoint?.size, error: null })
  })

  it('that is away is shown with the reason, and sent the newest when it is back', async () => {
    const gone = await tcpSyslog()
    const target = gone.target('siem')
    await gone.close()
    const lab = await openLab({ checkpoints: { syslog: [target] } })
    await makeCheckpoint(lab)
    await expect
      .poll(() => sinkOf(lab, 'siem'), patience)
      .toMatchObject({ size: null, error: 'It could not be reached: ECONNREFUSED.' })
    const back = await tcpSyslog({ port: target.port })
    await lab.clock.advance(10_000)
    await expect.poll(() => back.received.length, patience).toBe(1)
    await expect.poll(() => sinkOf(lab, 'siem'), patience).toMatchObject({ error: null })
  })

  it('that keeps the connection open does not hold up the end of the server', async () => {
    const server = await tcpSyslog({ isDeaf: true })
    const lab = await openLab({ checkpoints: { syslog: [server.target('siem')] } })
    await makeCheckpoint(lab)
    await lab.app.close()
    expect(server.received).toHaveLength(1)
  })

  it('gets nothing but printable ASCII, whatever the host is called', () => {
    const checkpoint = { origin: 'pinlab/1', size: 7, at: new Date(0), note: 'a\n\n— ü\n' }
    const message = syslogMessage(checkpoint, 'läb host\n')
    expect(message).toMatch(/^[\x20-\x7e]+$/)
    expect(message).toContain(' lbhost pinlab ')
    expect(syslogMessage(checkpoint, '')).toContain('Z - pinlab ')
    expect(noteIn(message)).toBe(checkpoint.note)
  })
})
