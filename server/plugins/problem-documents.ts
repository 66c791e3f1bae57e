// Every error leaves as a problem document with a code. What is not coded is logged whole and told as little.

import type { FastifyError, FastifySchemaValidationError } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, PinlabError, problemOf } from '../errors.ts'

/** Errors of Fastify itself that a client causes. */
const known: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['PINLAB_REQUEST_MALFORMED', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    'PINLAB_REQUEST_MALFORMED',
    'The body is empty. Send {} where nothing is to be said.',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'PINLAB_REQUEST_TOO_LARGE',
    'Send less at once: 16 MiB of data, 1 MiB of JSON.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'PINLAB_REQUEST_MEDIA_TYPE',
    'Send application/json, or application/octet-stream to /data.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'PINLAB_REQUEST_INVALID',
    'The body is not as long as Content-Length says.',
  ],
}

export const problemDocuments = fp(
  async (app) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const coded = toCoded(error)
      const problem = problemOf(coded, request.id)
      if (problem.status >= 500) request.log.error({ err: error }, problem.code)
      return reply.code(problem.status).type('application/problem+json').send(problem)
    })
  },
  { name: 'problem-documents' },
)

function toCoded(error: FastifyError): unknown {
  if (error.validation) return invalid(error.validation, error.validationContext ?? 'request')
  const [code, detail] = known[error.code] ?? []
  if (code && detail) return new PinlabError(code, detail)
  if (error.statusCode && error.statusCode < 500)
    return new PinlabError('PINLAB_REQUEST_INVALID', error.message)
  return error
}

function invalid(faults: FastifySchemaValidationError[], where: string): PinlabError {
  const [first] = faults
  const field = first?.instancePath.slice(1).replaceAll('/', '.') || where
  const allowed = (first?.params as { allowedValues?: unknown[] } | undefined)?.allowedValues
  const extra = (first?.params as { additionalProperty?: string } | undefined)?.additionalProperty
  const hint = allowed ? `: ${allowed.join(', ')}` : extra ? `: ${extra}` : ''
  return new PinlabError(
    'PINLAB_REQUEST_INVALID',
    `${field} ${first?.message ?? 'is wrong'}${hint}.`,
    {
      members: {
        errors: faults.map(({ instancePath, message }) => ({ field: instancePath, message })),
      },
    },
  )
}
