import { CodedError } from '#pipelines/kernel/errors.ts'
import type { AvroEnum, AvroField, AvroRecord, AvroType } from './avro.ts'
import type { EventSource } from './read-events.ts'

/** A type to declare beside the events: an enum, or a record that stands inside events. */
export interface Declaration {
  readonly name: string
  readonly definition: AvroEnum | AvroRecord
}

/** The TypeScript name of a type that stands inside an event. */
export type NameOf = (event: string, avroName: string) => string

/**
 * Every enum and record that stands inside events, declared once. Types of one name and one shape become one TypeScript type, so that
 * an `Item` of a checkout is an `Item` of an order; where the shapes differ, each has its event's name before it.
 */
export function declarationsOf(events: readonly EventSource[]): {
  declarations: readonly Declaration[]
  nameOf: NameOf
} {
  const shapes = new Map<string, Set<string>>()
  const found: { event: string; definition: AvroEnum | AvroRecord }[] = []
  for (const { schema } of events) {
    for (const definition of namedTypesIn(schema.fields)) {
      found.push({ event: schema.name, definition })
      shapes.set(definition.name, (shapes.get(definition.name) ?? new Set()).add(shapeOf(definition)))
    }
  }
  const eventNames = new Set(events.map(({ schema }) => schema.name))
  const nameOf: NameOf = (event, name) => {
    const shape = shapes.get(name)
    if (!shape) throw new CodedError('SCHEMA_TYPE_UNKNOWN', `${event} refers to "${name}", which it does not define`)
    return shape.size > 1 || eventNames.has(name) ? `${event}${name}` : name
  }
  const declarations = new Map<string, Declaration>()
  for (const { event, definition } of found) {
    const name = nameOf(event, definition.name)
    if (!declarations.has(name)) declarations.set(name, { name, definition })
  }
  return { declarations: [...declarations.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), nameOf }
}

function* namedTypesIn(fields: readonly AvroField[]): Generator<AvroEnum | AvroRecord> {
  for (const field of fields) yield* namedTypes(field.type)
}

function* namedTypes(type: AvroType): Generator<AvroEnum | AvroRecord> {
  if (typeof type === 'string') return
  if (Array.isArray(type)) {
    for (const branch of type as readonly AvroType[]) yield* namedTypes(branch)
    return
  }
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'array') yield* namedTypes(one.items)
  else if (one.type === 'map') yield* namedTypes(one.values)
  else if (one.type === 'enum') yield one
  else if (one.type === 'record') {
    yield one
    yield* namedTypesIn(one.fields)
  }
}

function shapeOf(definition: AvroEnum | AvroRecord): string {
  return JSON.stringify(definition, (key, value) => (key === 'doc' || key === 'aliases' ? undefined : value))
}
