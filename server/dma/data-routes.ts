// The bytes of a lock over HTTP: download, search, upload, fill.

import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { DataQuery } from '../contract/capture.ts'
import { DataSearchRequest, DataSearchResult } from '../contract/data-search.ts'
import { FillRequest } from '../contract/dma-session.ts'
import { maxDataByteLength } from '../contract/limits.ts'
import { Id } from '../contract/schema.ts'
import { PinlabError } from '../errors.ts'
import { answerWithSamples, attachment } from './data-files.ts'
import { readableRange } from './data-rules.ts'
import type { Dma } from './dma.ts'

const One = Type.Object({ id: Id })

export const dataRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  await app.register(uploadRoute, { dma })
  await app.register(searchRoute, { dma })

  app.get(
    '/dma-sessions/:id/data',
    {
      config: { permission: 'board.control' },
      schema: {
        summary:
          'The bytes as they are now, Range for a part, at most 16 MiB at once; or their samples as npy, csv or WAV',
        params: One,
        querystring: DataQuery,
        headers: Type.Object({ range: Type.Optional(Type.String()) }),
        produces: ['application/octet-stream'],
      },
    },
    async (request, reply) => {
      const { query, params, actor } = request
      const { range: header } = request.headers
      const { session } = await dma.locking.controlled(params.id, actor)
      const { byteLength, label } = session
      const range = readableRange(header, byteLength)
      const read = () => dma.readBytes(params.id, range)
      reply.header('cache-control', 'no-store')
      if (query.format !== 'bin') {
        const { model, buildId, sample: known } = await dma.source.provenanceOf(session)
        const about = { board: session.board, model, buildId, session: session.id }
        const data = { name: label, id: session.id, byteLength, provenance: about }
        const samples = answerWithSamples(reply, { query, range: header, known }, data)
        return reply.send(Readable.from(samples.from(onePiece(read))))
      }
      const bytes = await read()
      reply.header('accept-ranges', 'bytes')
      reply.header('content-disposition', attachment(label, params.id, 'bin'))
      reply.type('application/octet-stream')
      if (header !== undefined) {
        const last = range.offset + range.byteLength - 1
        reply.code(206).header('content-range', `bytes ${range.offset}-${last}/${byteLength}`)
      }
      return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
  )

  app.post(
    '/dma-sessions/:id/fill',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Fill the lock, or a part, with a pattern',
        params: One,
        body: FillRequest,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, actor, id, body }, reply) => {
      await dma.fill({ session: params.id, actor, request: id }, body)
      return reply.code(204).send(null)
    },
  )
}

/** Reads only, like GET …/data: a POST because what is looked for does not fit an address. */
const searchRoute: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.post(
    '/dma-sessions/:id/search',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'Where bytes occur in the lock as it is now; memory may change meanwhile',
        params: One,
        body: DataSearchRequest,
        response: { 200: DataSearchResult },
      },
    },
    async ({ params, actor, body }) => dma.search(params.id, actor, body),
  )
}

async function* onePiece(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await read()
}

/** In a scope of its own: the only route that takes bytes, and it takes nothing else. */
const uploadRoute: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: maxDataByteLength },
    (_request, body, done) => done(null, body),
  )

  app.put(
    '/dma-sessions/:id/data',
    {
      config: { permission: 'board.control' },
      bodyLimit: maxDataByteLength,
      schema: {
        summary: 'Write bytes into the lock at an offset, at most 16 MiB at once',
        params: One,
        querystring: Type.Object({
          offset: Type.Integer({ minimum: 0, maximum: 0xffff_ffff, default: 0 }),
        }),
        consumes: ['application/octet-stream'],
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { body, params, query, actor, id } = request
      if (!(body instanceof Uint8Array)) {
        throw new PinlabError(
          'PINLAB_REQUEST_MEDIA_TYPE',
          'Send the bytes as application/octet-stream.',
        )
      }
      await dma.writeBytes({ session: params.id, actor, request: id }, query.offset, body)
      return reply.code(204).send(null)
    },
  )
}
