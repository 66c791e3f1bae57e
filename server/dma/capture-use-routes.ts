// What can be done with captures beyond taking and downloading them: write about them, send one, play one, compare them.

import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import {
  Capture,
  CaptureChange,
  DifferenceQuery,
  Differences,
  Replay,
  UploadQuery,
} from '../contract/capture.ts'
import { Id } from '../contract/schema.ts'
import { PinlabError } from '../errors.ts'
import type { CaptureComparisons } from './capture-comparisons.ts'
import type { CaptureReplays } from './capture-replays.ts'
import type { CaptureUploads } from './capture-uploads.ts'
import type { Captures } from './captures.ts'

const ById = Type.Object({ id: Id })
const control = { permission: 'board.control' } as const

export interface CaptureUses {
  captures: Captures
  uploads: CaptureUploads
  replays: CaptureReplays
  comparisons: CaptureComparisons
}

export const captureUseRoutes: FastifyPluginAsyncTypebox<CaptureUses> = async (
  app,
  { captures, uploads, replays, comparisons },
) => {
  await app.register(uploadRoute, { uploads })

  app.patch(
    '/captures/:id',
    {
      config: control,
      schema: {
        summary: 'Name one’s own capture, note something about it, mark places; its bytes stay',
        params: ById,
        body: CaptureChange,
        response: { 200: Capture },
      },
    },
    async ({ params, body, actor, id }) =>
      captures.annotate(params.id, body, { actor, request: id }),
  )

  app.post(
    '/captures/:id/replay',
    {
      config: control,
      schema: {
        summary: 'Write one’s own capture into locked memory, where a channel can play it',
        params: ById,
        body: Replay,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, body, actor, id }, reply) => {
      await replays.write(params.id, body, { actor, request: id })
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/captures/:id/differences',
    {
      config: { permission: 'session.read' },
      schema: {
        summary: 'Where one’s own capture differs from another one, or from memory as it is now',
        params: ById,
        querystring: DifferenceQuery,
        response: { 200: Differences },
      },
    },
    async ({ params, query, actor, id }) =>
      comparisons.compare(params.id, query, { actor, request: id }),
  )
}

/** In a scope of its own: it takes a file as it comes, of whatever length, and nothing else. */
const uploadRoute: FastifyPluginAsyncTypebox<{ uploads: CaptureUploads }> = async (
  app,
  { uploads },
) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body))

  app.put(
    '/captures/data',
    {
      config: control,
      schema: {
        summary: 'A capture made of a file: bytes, .npy, CSV or WAV',
        querystring: UploadQuery,
        consumes: ['application/octet-stream'],
        response: { 201: Capture },
      },
    },
    async ({ query, body, actor, id }, reply) => {
      if (!(body instanceof Readable)) {
        throw new PinlabError(
          'PINLAB_REQUEST_MEDIA_TYPE',
          'Send the file as application/octet-stream.',
        )
      }
      const capture = await uploads.receive(query, piecesOf(body), { actor, request: id })
      return reply.code(201).send(capture)
    },
  )
}

/** What is left of a file that is refused is let by: browsers read the answer only when they have sent all of it. */
async function* piecesOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false })
  } catch (error) {
    throw new PinlabError(
      'PINLAB_REQUEST_INVALID',
      'The connection was closed before the file was whole.',
      { cause: error },
    )
  } finally {
    body.resume()
  }
}
