// Validation and serialisation by the contract's schemas. Bodies are taken as they are; texts of a path or a query become numbers where
// numbers are due.

import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import serializerOf from 'fast-json-stringify'
import fp from 'fastify-plugin'

const common = { useDefaults: true, removeAdditional: false, allErrors: false } as const
const strict = formats.default(new Ajv(common))
const coercing = formats.default(new Ajv({ ...common, coerceTypes: 'array' }))

/** Compiling takes longer than anything else of a start, and many routes share a schema: each is compiled once. */
function once<T>(compile: (schema: object) => T): (schema: object) => T {
  const compiled = new WeakMap<object, T>()
  return (schema) => {
    const known = compiled.get(schema)
    if (known) return known
    const made = compile(schema)
    compiled.set(schema, made)
    return made
  }
}

const validatorOf = {
  strict: once((schema): ValidateFunction => strict.compile(schema)),
  coercing: once((schema): ValidateFunction => coercing.compile(schema)),
}
const serializer = once((schema) => serializerOf(schema))

export const validation = fp(
  async (app) => {
    app.setValidatorCompiler(({ schema, httpPart }) =>
      validatorOf[httpPart === 'body' ? 'strict' : 'coercing'](schema as object),
    )
    app.setSerializerCompiler(({ schema }) => serializer(schema as object))
  },
  { name: 'validation' },
)
