import { partsOf } from '../columns/make-column.ts'
import type { Shape } from './source-code.ts'

const SHAPES: Readonly<Record<string, Exclude<Shape['kind'], 'nullable' | 'list'>>> = {
  Int32: 'int',
  Int64: 'long',
  "DateTime64(3, 'UTC')": 'time',
  UUID: 'uuid',
  Bool: 'bool',
  String: 'text',
  Float32: 'float',
  Float64: 'double',
  'LowCardinality(String)': 'choice',
  'LowCardinality(Nullable(String))': 'choice',
}

/** A ClickHouse type taken apart. `fieldOf` gives the Avro field of a part of a tuple. */
export function shapeOf(type: string, fieldOf: (part: string) => string = (part) => part): Shape {
  const simple = SHAPES[type]
  if (simple) return { kind: simple }
  const [, nullable] = /^Nullable\((.*)\)$/.exec(type) ?? []
  if (nullable !== undefined) return { kind: 'nullable', inner: shapeOf(nullable, fieldOf) }
  const [, tuple] = /^Array\(Tuple\((.*)\)\)$/.exec(type) ?? []
  if (tuple === undefined) throw new TypeError(`no decoder for the type ${type}`)
  const parts = partsOf(tuple).map((part) => ({ field: fieldOf(part.name), shape: shapeOf(part.type, fieldOf) }))
  return { kind: 'list', parts }
}

/** `unit_price_minor` becomes `unitPriceMinor`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}
