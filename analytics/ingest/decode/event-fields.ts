import { type EventType, eventSchemas } from '#schemas/generated/events.ts'
import { columnsOfEvents } from '../../tables/columns.ts'
import type { StoredField } from './compile.ts'

interface SchemaField {
  readonly name: string
  readonly default?: unknown
  readonly 'x-sensitive'?: boolean
}

export interface EventFields {
  /** Fields and their columns, those of all events first. */
  readonly stored: readonly StoredField[]
  /** All fields of our version, the sensitive ones too. */
  readonly known: ReadonlySet<string>
}

/** What is stored of each event that analytics reads. */
export function eventFields(): ReadonlyMap<EventType, EventFields> {
  const shared: StoredField[] = [
    { field: 'eventId', column: 'event_id', type: 'UUID' },
    { field: 'occurredAt', column: 'occurred_at', type: "DateTime64(3, 'UTC')" },
  ]
  return new Map(
    [...columnsOfEvents()].map(([event, columns]) => {
      const { fields } = JSON.parse(eventSchemas[event].schema) as { fields: readonly SchemaField[] }
      const defaults = new Map(fields.map((field) => [field.name, field.default]))
      const own = columns.map(({ field, name, type }): StoredField => {
        const missing = defaults.get(field)
        const told = typeof missing === 'number' || typeof missing === 'string'
        return { field, column: name, type, ...(told && missing !== 0 && missing !== '' && { missing }) }
      })
      return [event, { stored: [...shared, ...own], known: new Set(fields.map(({ name }) => name)) }]
    }),
  )
}
