// Requests over all routes of the OpenAPI document: mostly what a route takes, made from its schema, and often something else.

import fc from 'fast-check'

interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
}

interface Parameter {
  in: 'path' | 'query' | 'header'
  name: string
  schema: Schema
}

export interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

export interface Route {
  method: string
  /** With `{names}` as the document has them. */
  path: string
  operation: Operation
}

export interface RandomRequest {
  route: Route
  /** By name, as text; an id that is `#n` stands for the nth id that answers have told of. */
  path: Record<string, string>
  query: Record<string, string>
  headers: Record<string, string>
  /** Of the body, where there is one. */
  type: string
  body: unknown
}

export function routesOf(paths: Record<string, Record<string, Operation>>): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
}

const thisDecade = { min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }
const knownId = fc.nat(40).map((n) => `#${n}`)
const nonsense = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '..', '%00', '-1', '1e9', 'NaN', '0x', '__proto__', 'null', '\u0000', '💥'),
)
/** Words that mean something to some route, where a schema says no more than `string`. */
const words = fc.constantFrom(
  'c2h0',
  'c2h1',
  'h2c0',
  'h2c1',
  'ID',
  'ADC_CTRL',
  'ADC_RATE',
  'SCRATCH',
)
const byPattern: [RegExp, fc.Arbitrary<string>][] = [
  [/0x/, fc.oneof(fc.nat(0xffff).map(hex), fc.bigInt(0n, 2n ** 64n - 1n).map(hex))],
  [/a-z0-9-/, fc.constantFrom('sim0', 'sim0', 'sim0', 'sim9')],
  [/a-fA-F/, fc.constantFrom('00', 'cafe', 'ff'.repeat(256))],
  [/@/, fc.nat(999).map((n) => `person${n}`)],
]

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

/** Something that the schema allows, or nearly. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const kinds = schema.anyOf ?? schema.oneOf
  if (kinds) return fc.oneof(...kinds.map(valueFor))
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array': {
      const { minItems = 0, maxItems = 4 } = schema
      const maxLength = Math.max(minItems, Math.min(maxItems, 4))
      const some = fc.array(valueFor(schema.items ?? {}), { minLength: minItems, maxLength })
      // Most lists of options contradict themselves.
      return minItems > 0 ? some : fc.oneof({ arbitrary: fc.constant([]), weight: 2 }, some)
    }
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return textOf(schema)
  }
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueFor(schema)]),
  )
  return fc.record(fields, { requiredKeys: required })
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema
  const small = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 64) })
  const pages = fc.constantFrom(4096, 65_536, 100_000).map((n) => Math.min(n, maximum))
  return fc.oneof(small, pages, fc.constantFrom(minimum, maximum))
}

function textOf({ pattern = '', format, minLength = 0, maxLength = 80 }: Schema) {
  if (format === 'uuid') return fc.oneof({ arbitrary: knownId, weight: 6 }, fc.uuid())
  if (format === 'date-time') return fc.date(thisDecade).map((at) => at.toISOString())
  const known = byPattern.find(([mark]) => mark.test(pattern))?.[1]
  return known ?? fc.oneof(words, fc.string({ minLength, maxLength: Math.min(maxLength, 80) }))
}

/** Mostly what is meant; else something that is not. */
const orNonsense = <T>(meant: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: meant, weight: 12 }, { arbitrary: nonsense, weight: 1 })

function textsOf(parameters: Parameter[], where: Parameter['in']) {
  const own = parameters.filter((parameter) => parameter.in === where)
  const fields = own.map(({ name, schema }) => {
    // A request that waits for a transfer would wait for long.
    const value = name === 'waitSeconds' ? fc.constantFrom(0, 0, -1, 61) : valueFor(schema)
    return [name, orNonsense(value.map(String))] as const
  })
  const chosen = fc.record(Object.fromEntries(fields), where === 'path' ? {} : { requiredKeys: [] })
  return chosen as fc.Arbitrary<Record<string, string>>
}

export function randomRequest(route: Route): fc.Arbitrary<RandomRequest> {
  const { parameters = [], requestBody } = route.operation
  const schema = requestBody?.content['application/json']?.schema
  // The document has no schema for bytes.
  const isUpload = route.method === 'PUT' && route.path.endsWith('/data')
  const meant = isUpload
    ? fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes))
    : schema
      ? valueFor(schema)
      : fc.constant(undefined)
  const body = fc.oneof(
    { arbitrary: meant, weight: 12 },
    { arbitrary: fc.constantFrom(undefined, '', '{', '[]', '{}', 'null', '"text"'), weight: 1 },
    { arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)), weight: 1 },
  )
  const request: fc.Arbitrary<RandomRequest> = fc.record({
    route: fc.constant(route),
    path: textsOf(parameters, 'path'),
    query: textsOf(parameters, 'query'),
    headers: textsOf(parameters, 'header'),
    type: fc.constant(isUpload ? 'application/octet-stream' : 'application/json'),
    body: body as fc.Arbitrary<unknown>,
  })
  return request.map((one) => Object.assign(one, { [fc.toStringMethod]: () => textFor(one) }))
}

function textFor({ route, path, query, headers, body }: RandomRequest): string {
  return `${route.method} ${route.path} ${JSON.stringify({ path, query, headers, body })}`
}
