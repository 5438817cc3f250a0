import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { topics } from '#pipelines/flow/map.ts'
import { type EventType, eventSchemas } from '#schemas/generated/events.ts'
import { type Avro, type Field, notNull, snakeCase, stored } from './avro.ts'
import { type Convert, converterOf } from './values.ts'

/**
 * Vocabulary. A *field* is what an event's schema names, a *column* what ClickHouse stores for it. All events share one stored table,
 * so fields of the same name and type share a column; each event has a view with its own columns only.
 */
export interface Column {
  readonly field: string
  /** The stored column. */
  readonly name: string
  /** The type of the stored column: nullable if any event's field of that name is. */
  readonly type: string
  /** The type this event's field has. */
  readonly ownType: string
  readonly convert: Convert
}

/** Text of few different values: stored as numbers into a dictionary. */
const FEW_VALUES = new Set([
  'currency',
  'country',
  'brand',
  'category',
  'provider',
  'cardBrand',
  'carrier',
  'actorRole',
  'taskName',
])

/** Events that analytics reads, in the order of the map. */
export const storedEvents: readonly EventType[] = consumedTopics('analytics').flatMap((topic) => [
  ...topics[topic].events,
])

/** The ClickHouse type of an Avro type. */
export function clickHouseType(type: Avro, fieldName: string): string {
  if (Array.isArray(type)) {
    const own = clickHouseType(notNull(type as readonly Avro[]), fieldName)
    return own.startsWith('LowCardinality(') ? own.replace(/\((.*)\)/, '(Nullable($1))') : `Nullable(${own})`
  }
  if (typeof type === 'string') return primitive(type, fieldName)
  const one = type as Exclude<Avro, string | readonly Avro[]>
  if ('logicalType' in one) return one.logicalType === 'uuid' ? 'UUID' : "DateTime64(3, 'UTC')"
  if ('items' in one) return `Array(${clickHouseType(one.items, fieldName)})`
  if ('fields' in one) {
    const parts = one.fields
      .filter(stored)
      .map((field) => `${snakeCase(field.name)} ${clickHouseType(field.type, field.name)}`)
    return `Tuple(${parts.join(', ')})`
  }
  return 'LowCardinality(String)'
}

function primitive(name: string, fieldName: string): string {
  switch (name) {
    case 'int':
      return 'Int32'
    case 'long':
      return 'Int64'
    case 'boolean':
      return 'Bool'
    case 'float':
      return 'Float32'
    case 'double':
      return 'Float64'
    default:
      return FEW_VALUES.has(fieldName) ? 'LowCardinality(String)' : 'String'
  }
}

/** The columns of each stored event, without those that all events share (event_id, occurred_at). */
export function columnsOfEvents(): ReadonlyMap<EventType, readonly Column[]> {
  const fields = storedEvents.flatMap((event) =>
    fieldsOf(event).map((field) => ({ event, field, ownType: clickHouseType(field.type, field.name) })),
  )
  const nullable = new Set(fields.filter(({ ownType }) => ownType.includes('Nullable(')).map(({ field }) => field.name))
  const firstType = new Map<string, string>()
  for (const { field, ownType } of fields) if (!firstType.has(field.name)) firstType.set(field.name, bare(ownType))

  const columns = new Map<EventType, Column[]>(storedEvents.map((event) => [event, []]))
  for (const { event, field, ownType } of fields) {
    const fits = firstType.get(field.name) === bare(ownType)
    columns.get(event)?.push({
      field: field.name,
      name: fits ? snakeCase(field.name) : ownName(field),
      type: nullable.has(field.name) && fits ? clickHouseType(['null', bareAvro(field.type)], field.name) : ownType,
      ownType,
      convert: converterOf(field.type, field.name),
    })
  }
  return columns
}

function fieldsOf(event: EventType): readonly Field[] {
  const { fields } = JSON.parse(eventSchemas[event].schema) as { fields: readonly Field[] }
  return fields.filter((field) => stored(field) && field.name !== 'eventId' && field.name !== 'occurredAt')
}

function bare(type: string): string {
  return type.replace(/Nullable\((.*)\)/, '$1')
}

function bareAvro(type: Avro): Avro {
  return Array.isArray(type) ? notNull(type as readonly Avro[]) : type
}

/** A field whose name means something else in another event is stored under its record's name: `lines` of ReservedLine as reserved_lines. */
function ownName(field: Field): string {
  const type = bareAvro(field.type)
  const record = typeof type === 'object' && 'items' in type ? type.items : type
  const name = typeof record === 'object' && 'name' in record ? record.name : field.name
  return `${snakeCase(name)}s`
}
