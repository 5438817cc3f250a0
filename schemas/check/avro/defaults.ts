import { FloatLiteral, isArray, isObject, type Json } from './json.ts'
import type { Field, Schema } from './schema.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1
const LONG_MIN = -(2n ** 63n)
const LONG_MAX = 2n ** 63n - 1n

/**
 * Whether a JSON value is a default that the Java reference (1.12) takes for a schema. Of a union any branch may fit; a member that a
 * record's default leaves out is filled with that field's own default.
 * @param filling fields whose own default is being looked at
 */
export function isValidDefault(schema: Schema, value: Json | undefined, filling: readonly Field[] = []): boolean {
  switch (schema.type) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return Number.isInteger(value) && (value as number) >= INT_MIN && (value as number) <= INT_MAX
    case 'long':
      if (typeof value === 'bigint') return value >= LONG_MIN && value <= LONG_MAX
      return Number.isInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint' || value instanceof FloatLiteral
    case 'string':
    case 'bytes':
    case 'fixed':
    case 'enum':
      return typeof value === 'string'
    case 'array':
      return isArray(value) && value.every((item) => isValidDefault(schema.items, item, filling))
    case 'map':
      return isObject(value) && Object.values(value).every((item) => isValidDefault(schema.values, item, filling))
    case 'union':
      return schema.branches.some((branch) => isValidDefault(branch, value, filling))
    case 'record':
      return (
        isObject(value) &&
        schema.fields.every((field) => {
          if (Object.hasOwn(value, field.name)) return isValidDefault(field.schema, value[field.name], filling)
          // A default that needs itself to be filled would never end.
          return !filling.includes(field) && isValidDefault(field.schema, field.default, [...filling, field])
        })
      )
  }
}

/** The first thing about a valid default that runtimes other than Java refuse or change, or undefined. */
export function portabilityProblem(schema: Schema, value: Json | undefined): string | undefined {
  switch (schema.type) {
    case 'fixed':
      return typeof value === 'string' && value.length !== schema.size
        ? `a fixed of ${schema.size} bytes cannot hold its ${value.length} characters`
        : undefined
    case 'enum':
      return typeof value === 'string' && !schema.symbols.includes(value)
        ? `${JSON.stringify(value)} is no symbol of ${schema.fullName}`
        : undefined
    case 'string':
      return schema.logical?.name === 'uuid' && typeof value === 'string' && !UUID.test(value)
        ? `${JSON.stringify(value)} is no UUID`
        : undefined
    case 'long':
      return typeof value === 'bigint' ? `${value} is beyond 2^53` : undefined
    case 'array':
      return first(isArray(value) ? value : [], (item) => portabilityProblem(schema.items, item))
    case 'map':
      return first(isObject(value) ? Object.values(value) : [], (item) => portabilityProblem(schema.values, item))
    case 'union': {
      const [first] = schema.branches
      if (first === undefined) return undefined
      if (!isValidDefault(first, value)) return 'a union takes a default of its first branch only'
      return portabilityProblem(first, value)
    }
    case 'record': {
      if (!isObject(value)) return undefined
      const left = schema.fields.find((field) => !Object.hasOwn(value, field.name))
      if (left !== undefined) return `it leaves out ${left.name}`
      return first(schema.fields, (field) => portabilityProblem(field.schema, value[field.name]))
    }
    default:
      return undefined
  }
}

function first<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item)
    if (found !== undefined) return found
  }
  return undefined
}
