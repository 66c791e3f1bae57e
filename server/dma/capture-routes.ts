// Captures over HTTP: save, list, look, download, delete.

import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { Capture, CapturePage, CaptureQuery, DataQuery, NewCapture } from '../contract/capture.ts'
import { Id, Page, PageQuery } from '../contract/schema.ts'
import type { Actor } from '../identity/permissions.ts'
import { type CaptureUses, captureUseRoutes } from './capture-use-routes.ts'
import type { Captures } from './captures.ts'
import { answerWithSamples, attachment } from './data-files.ts'
import { rangeOf } from './data-rules.ts'

const ById = Type.Object({ id: Id })
const read = { permission: 'session.read' } as const
const control = { permission: 'board.control' } as const

export const captureRoutes: FastifyPluginAsyncTypebox<CaptureUses> = async (app, uses) => {
  const { captures } = uses
  await app.register(dataRoute, { captures })
  await app.register(captureUseRoutes, uses)

  app.post(
    '/dma-sessions/:id/captures',
    {
      config: control,
      schema: {
        summary: 'Save the bytes as they are now, or a part of them, for oneself',
        params: ById,
        body: NewCapture,
        response: { 201: Capture },
      },
    },
    async ({ params, body, actor, id }, reply) =>
      reply.code(201).send(await captures.take(params.id, body, { actor, request: id })),
  )

  app.get(
    '/dma-sessions/:id/captures',
    {
      config: read,
      schema: {
        summary: 'What was saved of a DMA session, newest first, by whomever; never the bytes',
        params: ById,
        querystring: PageQuery,
        response: { 200: Page(Capture) },
      },
    },
    async ({ params, query, actor }) => captures.listOf(params.id, query, actor),
  )

  app.get(
    '/captures',
    {
      config: read,
      schema: {
        summary: 'One’s own captures, newest first, and how much they may come to',
        querystring: CaptureQuery,
        response: { 200: CapturePage },
      },
    },
    async ({ query, actor }) => captures.list(query, actor),
  )

  app.get(
    '/captures/:id',
    { config: read, schema: { summary: 'One capture', params: ById, response: { 200: Capture } } },
    async ({ params, actor }) => captures.read(params.id, actor),
  )

  app.delete(
    '/captures/:id',
    {
      config: control,
      schema: { summary: 'Delete one’s own capture', params: ById, response: { 204: Type.Null() } },
    },
    async ({ params, actor, id }, reply) => {
      await captures.remove(params.id, { actor, request: id })
      return reply.code(204).send(null)
    },
  )
}

const dataRoute: FastifyPluginAsyncTypebox<{ captures: Captures }> = async (app, { captures }) => {
  app.get(
    '/captures/:id/data',
    {
      config: read,
      // Would read the whole file to say how long it is, which the capture does.
      exposeHeadRoute: false,
      schema: {
        summary:
          'The bytes, for the capture’s owner alone, Range for a part; or its samples as npy, csv or WAV',
        params: ById,
        querystring: DataQuery,
        headers: Type.Object({
          range: Type.Optional(Type.String()),
          'if-range': Type.Optional(Type.String()),
          'if-none-match': Type.Optional(Type.String()),
        }),
        produces: ['application/octet-stream'],
      },
    },
    async ({ params, query, headers, actor, id }, reply) => {
      const capture = await captures.readOwn(params.id, actor)
      const { byteLength, sha256, name } = capture
      if (query.format !== 'bin') return sendAs(capture, { query, headers, actor, id }, reply)
      const tag = `"${sha256}"`
      // Whoever has the browser next is asked who they are before they see what it kept.
      reply.header('cache-control', 'private, no-cache')
      if (names(headers['if-none-match'], tag)) return reply.header('etag', tag).code(304).send()
      const { 'if-range': ifRange, range: asked } = headers
      const header = ifRange === undefined || ifRange === tag ? asked : undefined
      if (header !== undefined) reply.header('content-range', `bytes */${byteLength}`)
      const range = rangeOf(header, byteLength)
      const file = await captures.download(capture, range, { actor, request: id })

      const digest = Buffer.from(sha256, 'hex').toString('base64')
      reply.header('etag', tag).header('accept-ranges', 'bytes')
      reply.header('digest', `sha-256=${digest}`).header('repr-digest', `sha-256=:${digest}:`)
      reply.header('content-disposition', attachment(name, capture.id, 'bin'))
      reply.header('content-length', range.byteLength).type('application/octet-stream')
      const last = range.offset + range.byteLength - 1
      if (header !== undefined) {
        reply.code(206).header('content-range', `bytes ${range.offset}-${last}/${byteLength}`)
      }
      return reply.send(file.createReadStream({ start: range.offset, end: last }))
    },
  )

  async function sendAs(
    capture: Capture,
    { query, headers, actor, id }: Asked,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { name, board, session, takenAt, sha256, byteLength, offset } = capture
    const { model, buildId, sample: known } = capture.provenance
    const provenance = {
      board,
      model,
      buildId,
      session,
      capture: capture.id,
      takenAt,
      offset,
      sha256,
    }
    const asked = { query, range: headers.range, known }
    const samples = answerWithSamples(reply, asked, {
      name,
      id: capture.id,
      byteLength,
      provenance,
    })
    const whole = { offset: 0, byteLength }
    const file = await captures.download(capture, whole, { actor, request: id })
    const source = file.createReadStream()
    const body = Readable.from(samples.from(source))
    // Whoever went away before the first byte leaves a generator that never began, and the file open.
    body.once('close', () => source.destroy())
    return reply.send(body)
  }
}

interface Asked {
  query: DataQuery
  headers: { range?: string }
  actor: Actor
  id: string
}

function names(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = ifNoneMatch?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? []
  return tags.includes(tag) || tags.includes('*')
}
