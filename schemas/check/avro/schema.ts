import type { Json, JsonObject } from './json.ts'
import type { Source } from './source.ts'

/*
 * Vocabulary. A *schema* is a node of a parsed Avro schema. A *named* schema (record, enum, fixed) has a full name, and every reference
 * to it is the same object. The *writer* is the schema that data was encoded with, the *reader* the one that a consumer wants to see.
 * A *pointer* is an RFC 6901 JSON pointer into the source file.
 */

export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type PrimitiveType = (typeof PRIMITIVES)[number]

/** What every node knows: where it is written, and the properties that stand beside its type. */
interface Base {
  readonly source: Source
  /** Where the schema is defined, for a named one that is referred to from elsewhere. */
  readonly pointer: string
  readonly logical: LogicalType | undefined
  /** Properties that Avro does not know: marks and the like. */
  readonly extras: JsonObject | undefined
}

/** A logical type as written; Avro ignores one it cannot use, and so may runtimes differ. */
export interface LogicalType {
  readonly name: string
  readonly precision: number | undefined
  readonly scale: number
}

export interface PrimitiveSchema extends Base {
  readonly type: PrimitiveType
}

export interface ArraySchema extends Base {
  readonly type: 'array'
  items: Schema
}

export interface MapSchema extends Base {
  readonly type: 'map'
  values: Schema
}

export interface UnionSchema extends Base {
  readonly type: 'union'
  readonly branches: Schema[]
}

interface Named extends Base {
  readonly name: string
  readonly namespace: string
  readonly fullName: string
  /** Full names, as written by Avro's rules. */
  readonly aliases: readonly string[]
  readonly doc: string | undefined
}

export interface EnumSchema extends Named {
  readonly type: 'enum'
  readonly symbols: readonly string[]
  readonly default: string | undefined
}

export interface FixedSchema extends Named {
  readonly type: 'fixed'
  readonly size: number
}

export interface RecordSchema extends Named {
  readonly type: 'record'
  readonly fields: Field[]
}

const KNOWN = new Set([
  'type',
  'name',
  'namespace',
  'doc',
  'aliases',
  'fields',
  'symbols',
  'default',
  'size',
  'items',
  'values',
  'order',
  'logicalType',
  'precision',
  'scale',
])

/** The properties of an object that Avro does not know, if there are any. */
export function extrasOf(json: JsonObject): JsonObject | undefined {
  const extras = Object.keys(json).filter((key) => !KNOWN.has(key))
  return extras.length === 0 ? undefined : Object.fromEntries(extras.map((key) => [key, json[key] as Json]))
}

/** The logical type that an object gives its type, if it names one. */
export function logicalOf(json: JsonObject): LogicalType | undefined {
  const name = json.logicalType
  if (typeof name !== 'string') return undefined
  const { precision, scale } = json
  return {
    name,
    precision: typeof precision === 'number' ? precision : undefined,
    scale: typeof scale === 'number' ? scale : 0,
  }
}

/** A field of a record. Its pointer is made when somebody asks: nobody does while all is well, and there are many fields. */
export class Field {
  readonly record: RecordSchema
  readonly index: number
  readonly name: string
  readonly aliases: readonly string[]
  readonly extras: JsonObject | undefined
  readonly doc: string | undefined
  /** `undefined` when there is none; a default of null is `null`. */
  readonly default: Json | undefined
  schema: Schema

  constructor(
    record: RecordSchema,
    index: number,
    name: string,
    aliases: readonly string[],
    json: JsonObject,
    schema: Schema,
  ) {
    this.record = record
    this.index = index
    this.name = name
    this.aliases = aliases
    this.extras = extrasOf(json)
    this.doc = typeof json.doc === 'string' ? json.doc : undefined
    this.default = json.default
    this.schema = schema
  }

  get source(): Source {
    return this.record.source
  }

  get pointer(): string {
    return `${this.record.pointer}/fields/${this.index}`
  }
}

/** The field of a name. Versions of a record mostly have it at the same index, which is looked at first. */
export function fieldNamed({ fields }: RecordSchema, name: string, likely = 0): Field | undefined {
  const guess = fields[likely]
  return guess?.name === name ? guess : fields.find((field) => field.name === name)
}

export type NamedSchema = EnumSchema | FixedSchema | RecordSchema
export type Schema = PrimitiveSchema | ArraySchema | MapSchema | UnionSchema | NamedSchema

export function isNamed(schema: Schema): schema is NamedSchema {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed'
}

/** How a schema is called in messages: `int`, `timestamp-millis`, `shop.Money`, `array of int`, `union of null, int`. */
export function describe(schema: Schema): string {
  if (isNamed(schema)) return `${schema.type} ${schema.fullName}`
  if (schema.type === 'array') return `array of ${describe(schema.items)}`
  if (schema.type === 'map') return `map of ${describe(schema.values)}`
  if (schema.type === 'union') return `union of ${schema.branches.map(describe).join(', ') || 'nothing'}`
  return schema.logical === undefined ? schema.type : `${schema.type} (${schema.logical.name})`
}

/** The name by which branches of unions are told apart. */
export function branchName(schema: Schema): string {
  return isNamed(schema) ? schema.fullName : schema.type
}
