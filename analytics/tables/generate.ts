import type { EventType } from '#schemas/generated/events.ts'
import { snakeCase } from './avro.ts'
import { type Column, columnsOfEvents } from './columns.ts'

/** The stored columns of all events, each once. */
export function storedColumns(): ReadonlyMap<string, string> {
  const columns = new Map<string, string>()
  for (const own of columnsOfEvents().values()) for (const { name, type } of own) columns.set(name, type)
  return columns
}

/** The name of an event's view. */
export function viewOf(event: EventType): string {
  return snakeCase(event)
}

/** `CREATE TABLE` of all events as it stands after all migrations; fields are added by migrations of their own. */
export function eventsTable(): string {
  const columns = [...storedColumns()].map(([name, type]) => `  ${name} ${type},`)
  return [
    'CREATE TABLE eshop_store.events',
    '(',
    '  topic LowCardinality(String),',
    '  partition Int32,',
    '  offset Int64,',
    '  type LowCardinality(String),',
    "  recorded_at DateTime64(3, 'UTC'),",
    "  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3),",
    '  event_id UUID,',
    "  occurred_at DateTime64(3, 'UTC'),",
    ...columns,
    "  readable UInt8 MATERIALIZED type != 'DeadLetter',",
    '  INDEX by_type type TYPE set(0) GRANULARITY 1',
    ')',
    'ENGINE = ReplacingMergeTree(readable)',
    'ORDER BY (topic, partition, offset)',
    'SETTINGS min_bytes_for_wide_part = 67108864, merge_selector_base = 10, max_compress_block_size = 65536;',
  ].join('\n')
}

/** `CREATE VIEW` of one event: its own columns, under its fields' names, nullable only where its field is. */
export function eventView(event: EventType, columns: readonly Column[]): string {
  const shown = columns.map((column) => {
    const name = snakeCase(column.field)
    const value = column.type === column.ownType ? column.name : `assumeNotNull(${column.name})`
    return value === name ? `  ${name}` : `  ${value} AS ${name}`
  })
  const shared = ['topic', 'partition', 'offset', 'recorded_at', 'ingested_at', 'event_id', 'occurred_at']
  const list = [...shared.map((name) => `  ${name}`), ...shown].join(',\n')
  return `CREATE OR REPLACE VIEW eshop.${viewOf(event)} AS SELECT\n${list}\nFROM eshop_store.events FINAL WHERE type = '${event}';`
}

/** `node analytics/tables/generate.ts` prints what the schemas of today ask for, to copy from into a migration. */
export function printed(): string {
  const views = [...columnsOfEvents()].map(([event, columns]) => eventView(event, columns))
  return [eventsTable(), ...views, ''].join('\n\n')
}

if (import.meta.main) process.stdout.write(printed())
