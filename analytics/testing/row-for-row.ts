import { isDeepStrictEqual } from 'node:util'
import { expect, inject } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { EventType, ShopEvent } from '#schemas/generated/events.ts'
import type { Harness } from './harness.ts'
import { foldOrders, timeText } from './order-fold.ts'
import { plainAvro } from './plain-avro.ts'
import { readTopics, type TopicRecord } from './topic-log.ts'

type Row = Readonly<Record<string, unknown>>
type Sql = <T>(sql: string) => Promise<T[]>

interface Read {
  readonly record: TopicRecord
  /** Nothing for what belongs into the dead letters. */
  readonly event: ShopEvent | undefined
  readonly unknown: Row
}

/** What was compared, so that a test can say it was something. */
export interface Compared {
  readonly records: number
  readonly deadLetters: number
  readonly unknownFields: number
  readonly orders: number
}

const LAST_MILLIS = Date.UTC(2200, 0, 1)
const MOST_TOLD = 5
const placeOf = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }) =>
  `${topic}/${partition}/${offset}`

/**
 * Waits until ClickHouse has as many events as the topics, then holds it to a reading of the topics that shares nothing with the ingest
 * (kafkajs, avsc, a fold in JavaScript): every record once in the view of its event with all its columns, what avsc cannot read once in the
 * dead letters with its bytes, unknown fields kept, and each order the fold of its events.
 */
export async function rowForRow(shop: Harness, { withinMs = 90_000 } = {}): Promise<Compared> {
  const { published, store } = shop.databases
  const counts = await shop.counts()
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  let there = 0
  await eventually(
    async () => {
      const [row] = await shop.rows<{ rows: number }>(`SELECT count() AS rows FROM ${published}.events`)
      there = row?.rows ?? 0
      return there >= total
    },
    { withinMs, everyMs: 100, what: `${total} events in ClickHouse`, progress: () => there },
  )
  const plain = plainAvro(inject('registryUrl'))
  const read: Read[] = []
  for (const record of await readTopics(shop.brokers, Object.values(shop.topics))) {
    const reading = await plain.read(record.value)
    const event = 'event' in reading && storable(reading.event) ? reading.event : undefined
    read.push({ record, event, unknown: 'unknown' in reading ? reading.unknown : {} })
  }
  const dead = read.filter(({ event }) => !event)
  await compareIndex(shop.rows, published, read)
  for (const [type, own] of Map.groupBy(
    read.filter(({ event }) => event),
    ({ event }) => (event as ShopEvent).type,
  ))
    await compareView(shop.rows, published, type, own)
  await compareDead(shop.rows, store, dead)
  const unknown = await compareUnknown(shop.rows, store, read)
  const orders = await compareOrders(shop.rows, published, read)
  return { records: read.length, deadLetters: dead.length, unknownFields: unknown, orders }
}

/** Times that ClickHouse holds: others are refused with their record. */
function storable(event: ShopEvent): boolean {
  return event.occurredAt >= 0 && event.occurredAt < LAST_MILLIS
}

async function compareIndex(sql: Sql, published: string, read: readonly Read[]) {
  const rows = await sql<{ topic: string; partition: number; offset: number; type: string }>(
    `SELECT topic, partition, offset, type FROM ${published}.events`,
  )
  const found = Map.groupBy(rows, placeOf)
  const wrong = read.filter(({ record, event }) => {
    const own = found.get(placeOf(record)) ?? []
    return own.length !== 1 || own[0]?.type !== (event?.type ?? 'DeadLetter')
  })
  expect(wrong.slice(0, MOST_TOLD).map(({ record }) => [placeOf(record), found.get(placeOf(record))])).toEqual([])
  expect(rows.length).toBe(read.length)
}

async function compareView(sql: Sql, published: string, type: EventType, own: readonly Read[]) {
  const view = `${published}.${snake(type)}`
  const columns = await sql<{ name: string; type: string }>(`DESCRIBE TABLE ${view}`)
  const rows = await sql<Row>(`SELECT * FROM ${view}`)
  const found = new Map(rows.map((row) => [placeOf(row as never), row]))
  const wrong: unknown[] = []
  for (const { record, event } of own) {
    const row = found.get(placeOf(record))
    const expected = Object.fromEntries(
      columns.map((column) => [column.name, expectedOf(column, record, event as ShopEvent, row)]),
    )
    if (!isDeepStrictEqual(row, expected) && wrong.length < MOST_TOLD) wrong.push({ found: row, expected })
  }
  expect(wrong).toEqual([])
  expect([type, rows.length, found.size]).toEqual([type, own.length, own.length])
}

function expectedOf(
  column: { name: string; type: string },
  record: TopicRecord,
  event: ShopEvent,
  row: Row | undefined,
): unknown {
  const { name, type } = column
  if (name === 'topic' || name === 'partition' || name === 'offset') return record[name]
  if (name === 'recorded_at') return timeText(record.timestamp)
  if (name === 'ingested_at') return row?.[name]
  const value = (event as unknown as Row)[camel(name)]
  return type.includes('DateTime64') && typeof value === 'number' ? timeText(value) : keyed(value)
}

/** Records inside a field, with their keys as the columns' parts are called. */
function keyed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keyed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [snake(name), keyed(part)]))
}

async function compareDead(sql: Sql, store: string, dead: readonly Read[]) {
  const rows = await sql<{ topic: string; partition: number; offset: number; code: string; bytes: string | null }>(
    `SELECT topic, partition, offset, code, hex(value) AS bytes FROM ${store}.dead_letters FINAL`,
  )
  const told = rows.map((row) => [placeOf(row), row.bytes, row.code.length > 0]).sort()
  const wanted = dead.map(({ record }) => [placeOf(record), record.value?.toString('hex').toUpperCase() ?? null, true])
  expect(told).toEqual(wanted.sort())
}

async function compareUnknown(sql: Sql, store: string, read: readonly Read[]): Promise<number> {
  const rows = await sql<{ topic: string; partition: number; offset: number; unknown_fields: string }>(
    `SELECT topic, partition, offset, unknown_fields FROM ${store}.events FINAL WHERE unknown_fields != ''`,
  )
  const wanted = read.filter(({ event, unknown }) => event && Object.keys(unknown).length > 0)
  expect(rows.map((row) => [placeOf(row), JSON.parse(row.unknown_fields)]).sort()).toEqual(
    wanted.map(({ record, unknown }) => [placeOf(record), unknown]).sort(),
  )
  return wanted.length
}

async function compareOrders(sql: Sql, published: string, read: readonly Read[]): Promise<number> {
  const folded = foldOrders(read.flatMap(({ event }) => (event ? [event] : [])))
  const columns = await sql<{ name: string; type: string }>(`DESCRIBE TABLE ${published}.orders`)
  const rows = await sql<Row>(`SELECT * FROM ${published}.orders`)
  const wrong: unknown[] = []
  for (const row of rows) {
    const own = folded.get(String(row.order_id))
    const expected = Object.fromEntries(columns.map(({ name, type }) => [name, own?.[name] ?? emptyOf(type)]))
    if (!isDeepStrictEqual(row, expected) && wrong.length < MOST_TOLD)
      wrong.push(
        Object.entries(expected).flatMap(([name, value]) =>
          isDeepStrictEqual(value, row[name]) ? [] : [{ order: row.order_id, name, value, found: row[name] }],
        ),
      )
  }
  expect(wrong).toEqual([])
  expect([rows.length, new Set(rows.map(({ order_id }) => order_id)).size]).toEqual([folded.size, folded.size])
  return folded.size
}

function emptyOf(folded: string): unknown {
  const type = folded.replace(/^SimpleAggregateFunction\(\w+, (.*)\)$/s, '$1')
  if (type.startsWith('Array')) return []
  if (type.includes('Nullable')) return null
  return /^U?Int/.test(type) ? 0 : ''
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? letter : `_${letter}`).toLowerCase())
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}
