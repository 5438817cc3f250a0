import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { badRequest, type Problem, type ProblemItem } from './problems.ts'

/** More errors than this help nobody. */
const MOST_ERRORS = 20

/**
 * Compiles request schemas. Bodies are taken as they are: with Ajv's usual options `null` becomes 0, "1" becomes 1 and unknown
 * properties vanish, all answered with 200. Only query and path, which are always text, are converted.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<object> {
  const shared = { allErrors: true, removeAdditional: false, useDefaults: true, strict: false } as const
  const body = new Ajv({ ...shared, coerceTypes: false })
  const text = new Ajv({ ...shared, coerceTypes: 'array' })
  for (const ajv of [body, text]) formats.default(ajv)
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema)
}

/** A copy in which every object with named properties refuses others, unless it says so itself. Headers are left open. */
export function closed<S>(schema: S): S {
  if (Array.isArray(schema)) return schema.map(closed) as S
  if (schema === null || typeof schema !== 'object') return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  if (copy.type === 'object' && copy.properties && !('additionalProperties' in copy)) copy.additionalProperties = false
  return copy as S
}

const PARTS = { body: 'body', querystring: 'query', params: 'path', headers: 'header' } as const

/** The 400 of a request that does not fit its schema. */
export function invalidRequest(
  errors: readonly FastifySchemaValidationError[],
  context: keyof typeof PARTS | undefined,
): Problem {
  const part = PARTS[context ?? 'body']
  const items = errors.slice(0, MOST_ERRORS).map((error): ProblemItem => ({ ...explain(error), in: part }))
  return badRequest('REQUEST_INVALID', `the ${part} of the request does not fit its schema`, { errors: items })
}

function explain({ keyword, instancePath, params, message }: FastifySchemaValidationError): ProblemItem {
  const at = (name: unknown) => `${instancePath}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
  switch (keyword as ErrorObject['keyword']) {
    case 'required':
      return { pointer: at(params.missingProperty), detail: 'is required' }
    case 'additionalProperties':
      return { pointer: at(params.additionalProperty), detail: 'is not known here' }
    case 'enum':
      return { pointer: instancePath, detail: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` }
    default:
      return { pointer: instancePath, detail: message ?? 'is not valid' }
  }
}
