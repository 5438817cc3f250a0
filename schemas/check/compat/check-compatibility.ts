import type { Json } from '../avro/json.ts'
import { parseSchema } from '../avro/parse.ts'
import type { Schema } from '../avro/schema.ts'
import { type Position, Source } from '../avro/source.ts'
import type { RuleId } from '../rules/catalogue.ts'
import { changesBetween } from '../rules/changes.ts'
import { explain } from './explain.ts'
import { type IncompatibilityType, incompatibilities } from './reference.ts'

/** One reason why a pair does not go together. */
export interface PairFinding {
  readonly rule: RuleId
  /** True for what makes the reader fail; false for what the reference lets pass and the rules beyond it do not. */
  readonly incompatible: boolean
  /** Avro's own type, for an incompatibility. */
  readonly type?: IncompatibilityType
  /** JSON pointer into the reader, as the Java library tells it. */
  readonly location?: string
  /** JSON pointer into the writer's text, to what was compared. */
  readonly writerLocation?: string
  /** Dotted path of the field: `items[].price`; '' for the schema itself. */
  readonly field: string
  readonly message: string
  readonly fix: string
  /** Which text the position is in: that of the reader, or of the writer for what only it has. */
  readonly in: 'reader' | 'writer'
  readonly position: Position
}

export interface Compatibility {
  /** Whether the reader reads everything that the writer may write, as the Java reference has it. */
  readonly compatible: boolean
  readonly findings: readonly PairFinding[]
}

export interface CompatibilityOptions {
  /** Also apply the rules beyond the reference: logical types, decimals, namespaces, defaults, renames. Default true. */
  readonly beyondReference?: boolean
  /** Names for the two texts in errors. */
  readonly readerPath?: string
  readonly writerPath?: string
}

/** A schema as text, or as the value that JSON.parse makes of it. */
export type SchemaInput = string | Json | Source

/**
 * Everything that keeps `reader` from reading data written with `writer`, and everything in the pair that a runtime may take differently.
 * Throws BadSchema when a side is not JSON or not Avro.
 */
export function checkCompatibility(
  reader: SchemaInput,
  writer: SchemaInput,
  options: CompatibilityOptions = {},
): Compatibility {
  const [now, old] = [parsed(reader, options.readerPath ?? 'reader'), parsed(writer, options.writerPath ?? 'writer')]
  const found = incompatibilities(now, old)
  const observed = [
    ...explain(found, 'BACKWARD'),
    ...(options.beyondReference === false ? [] : changesBetween(now, old).map(({ observation }) => observation)),
  ]
  return {
    compatible: found.length === 0,
    findings: observed.map(({ rule, avro, field, message, fix, place }) => ({
      rule,
      incompatible: avro !== undefined,
      ...(avro === undefined ? {} : { type: avro.type, location: avro.location, writerLocation: avro.writer }),
      field,
      message,
      fix,
      in: place.source === old.source ? 'writer' : 'reader',
      position: place.source.positionOf(place.pointer),
    })),
  }
}

function parsed(input: SchemaInput, path: string): Schema {
  if (input instanceof Source) return parseSchema(input).root
  return parseSchema(new Source(path, typeof input === 'string' ? asText(input) : JSON.stringify(input, null, 2))).root
}

/** A bare type name is a schema too: `string` for `"string"`. */
function asText(text: string): string {
  return /^[A-Za-z_][\w.]*$/.test(text) ? JSON.stringify(text) : text
}
