// Validation and serialisation by the contract's schemas. Bodies are taken as they are; texts of a path or a query become numbers where
// numbers are due.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import serializerOf from 'fast-json-stringify'
import fp from 'fastify-plugin'

const common = {
  useDefaults: true,
  removeAdditional: false,
  allErrors: false,
  // What is wrong with one of many kinds is said of the kind that it says it is.
  discriminator: true,
} as const
const strict = formats.default(new Ajv(common))
const coercing = formats.default(new Ajv({ ...common, coerceTypes: 'array' }))

/**
 * Compiling takes longer than anything else of a start: each schema is compiled once, however many routes share it, when it is used
 * for the first time.
 */
function once<T>(compile: (schema: object) => T): (schema: object) => () => T {
  const compiled = new WeakMap<object, T>()
  return (schema) => () => {
    const known = compiled.get(schema)
    if (known) return known
    const made = compile(schema)
    compiled.set(schema, made)
    return made
  }
}

const strictly = once((schema): ValidateFunction => strict.compile(schema))
const coercingly = once((schema): ValidateFunction => coercing.compile(schema))
const serializing = once((schema) => serializerOf(schema))

/** Fastify reads what is wrong from the function itself. */
function validatorOf(compiled: () => ValidateFunction) {
  const validate = (data: unknown): boolean => {
    const validator = compiled()
    const isValid = validator(data) === true
    validate.errors = validator.errors ?? null
    return isValid
  }
  validate.errors = null as ErrorObject[] | null
  return validate
}

export const validation = fp(
  async (app) => {
    app.setValidatorCompiler<object>(({ schema, httpPart }) =>
      validatorOf(httpPart === 'body' ? strictly(schema) : coercingly(schema)),
    )
    app.setSerializerCompiler(({ schema }) => {
      const serializer = serializing(schema as object)
      return (data) => serializer()(data)
    })
  },
  { name: 'validation' },
)
