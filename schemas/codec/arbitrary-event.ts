import fc from 'fast-check'
import { type EventType, eventSchemas, type ShopEvent } from '#schemas/generated/events.ts'
import type { AvroField, AvroType } from '../generate/avro.ts'

/** Random events for tests: any value that the schema of the type allows. */
export function arbitraryEvent<T extends EventType>(type: T): fc.Arbitrary<Extract<ShopEvent, { type: T }>> {
  const schema = JSON.parse(eventSchemas[type].schema) as { fields: readonly AvroField[] }
  return arbitraryRecord(schema.fields).map((fields) => ({ ...fields, type }) as Extract<ShopEvent, { type: T }>)
}

/** Random values of a record's fields. */
export function arbitraryRecord(fields: readonly AvroField[]): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(...fields.map((field) => arbitraryValue(field.type)))
    .map((values) => Object.fromEntries(fields.map((field, i) => [field.name, values[i]])))
}

function arbitraryValue(type: AvroType): fc.Arbitrary<unknown> {
  if (Array.isArray(type)) return fc.oneof(...(type as readonly AvroType[]).map(arbitraryValue))
  if (typeof type === 'string') return primitive(type)
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'record') return arbitraryRecord(one.fields)
  if (one.type === 'enum') return fc.constantFrom(...one.symbols)
  if (one.type === 'array') return fc.array(arbitraryValue(one.items), { maxLength: 5 })
  if (one.type === 'map') return fc.dictionary(fc.string(), arbitraryValue(one.values))
  return one.logicalType === 'uuid' ? fc.uuid() : primitive(one.type)
}

const INT = { min: -(2 ** 31), max: 2 ** 31 - 1 }

function primitive(name: string): fc.Arbitrary<unknown> {
  switch (name) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer(INT)
    case 'long':
      return fc.oneof(fc.maxSafeInteger(), fc.integer(INT))
    case 'string':
      return fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 60, maxLength: 200 }))
    default:
      return fc.double({ noNaN: true })
  }
}
