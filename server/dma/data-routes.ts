// The bytes of a lock over HTTP: download, upload, fill.

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { FillRequest } from '../contract/dma-session.ts'
import { maxDataByteLength } from '../contract/limits.ts'
import { Id } from '../contract/schema.ts'
import { PinlabError } from '../errors.ts'
import { readableRange } from './data-rules.ts'
import type { Dma } from './dma.ts'

const One = Type.Object({ id: Id })

export const dataRoutes: FastifyPluginAsyncTypebox<{ dma: Dma }> = async (app, { dma }) => {
  await app.register(uploadRoute, { dma })

  app.get(
    '/dma-sessions/:id/data',
    {
      config: { permission: 'board.control' },
      schema: {
        summary: 'The bytes as they are now; Range for a part, at most 16 MiB at once',
        params: One,
        querystring: Type.Object({ format: Type.Enum(['bin', 'npy', 'csv'], { default: 'bin' }) }),
        headers: Type.Object({ range: Type.Optional(Type.String()) }),
        produces: ['application/octet-stream'],
      },
    },
    async (request, reply) => {
      const { format } = request.query
      if (format !== 'bin') {
        throw new PinlabError(
          'PINLAB_DATA_FORMAT',
          `${format} is not there yet. Ask for format=bin.`,
        )
      }
      const { range: header } = request.headers
      const { session } = await dma.locking.controlled(request.params.id, request.actor)
      const { byteLength, label } = session
      const range = readableRange(header, byteLength)
      const bytes = await dma.readBytes(request.params.id, range)
      const name = `${label.replaceAll(/[^\w.-]+/g, '-') || request.params.id}.bin`
      reply.header('accept-ranges', 'bytes').header('cache-control', 'no-store')
      reply.header('content-disposition', `attachment; filename="${name}"`)
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
