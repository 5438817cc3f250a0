import avsc from 'avsc'
import { BoundedArrayType, BoundedMapType } from './bounded.ts'
import { ResolvableRecordType } from './resolvable-record.ts'
import { SafeIntType } from './safe-int.ts'
import { SafeLongType } from './safe-long.ts'
import { TextType, UuidType } from './text.ts'

/** An avsc record type. */
export type AvroRecordType = avsc.types.RecordType

/**
 * Compiles a schema to an avsc type that is exact (integers, text, uuids) and safe to read corrupt bytes with.
 * @throws Error of avsc when the text is not an Avro schema
 */
export function avroType(schemaText: string): avsc.Type {
  const int = new SafeIntType()
  const long = new SafeLongType()
  const text = new TextType()
  const uuid = new UuidType()
  return avsc.Type.forSchema(JSON.parse(schemaText), {
    omitRecordMethods: true,
    typeHook(schema, options) {
      const kind = kindOf(schema)
      if (kind === 'int') return int
      if (kind === 'long') return long
      if (kind === 'string') return isUuid(schema) ? uuid : text
      if (kind === 'array') return new BoundedArrayType(schema, options)
      if (kind === 'map') return new BoundedMapType(schema, options)
      if (kind === 'record' || kind === 'error') return new ResolvableRecordType(schema, options)
      return undefined
    },
  })
}

function kindOf(schema: unknown): unknown {
  return typeof schema === 'object' && schema !== null && 'type' in schema ? schema.type : schema
}

function isUuid(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'logicalType' in schema && schema.logicalType === 'uuid'
}
