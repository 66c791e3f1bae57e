// Validation by the contract's schemas. Bodies are taken as they are; texts of a path or a query become numbers where numbers are due.

import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import fp from 'fastify-plugin'

export const validation = fp(
  async (app) => {
    const common = { useDefaults: true, removeAdditional: false, allErrors: false } as const
    const strict = formats.default(new Ajv(common))
    const coercing = formats.default(new Ajv({ ...common, coerceTypes: 'array' }))
    app.setValidatorCompiler(({ schema, httpPart }) =>
      (httpPart === 'body' ? strict : coercing).compile(schema as object),
    )
  },
  { name: 'validation' },
)
