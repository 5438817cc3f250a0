import type { ClickHouseClient } from '@clickhouse/client'
import { snakeCase } from '../tables/avro.ts'
import { columnsOfEvents } from '../tables/columns.ts'
import { ask } from './ask.ts'

/** A record about an order, with all that its event says (sensitive fields apart, which are stored nowhere). */
export interface OrderEventDetail {
  readonly type: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly occurredAt: string
  readonly recordedAt: string
  readonly ingestedAt: string
  readonly payload: Readonly<Record<string, unknown>>
}

interface Row {
  readonly type: string
  readonly event: string
}

/** The published views of the events that name an order, by event. */
const VIEWS = [...columnsOfEvents()]
  .filter(([, columns]) => columns.some(({ field }) => field === 'orderId'))
  .map(([event]) => ({ event, view: snakeCase(event) }))

/** Records of one order that are shown; a real one has some twenty. */
const MOST = 1_000

/**
 * Every record about an order across all topics, as they happened, each with its payload. First where they lie, by the index on the order, then
 * those alone: neither reads the history.
 */
export async function orderEventDetails(db: ClickHouseClient, orderId: string): Promise<OrderEventDetail[]> {
  const places = await ask<{ type: string; topic: string; partition: number; offset: number }>(
    db,
    `SELECT type, topic, partition, offset FROM order_events WHERE order_id = {orderId:UUID} ORDER BY topic, partition, offset LIMIT ${MOST}`,
    { orderId },
  )
  const byType = Map.groupBy(places, ({ type }) => type)
  const parts = VIEWS.filter(({ event }) => byType.has(event)).map(({ event, view }) => {
    const own = (byType.get(event) ?? []).map(({ topic, partition, offset }) => `('${topic}', ${partition}, ${offset})`)
    return `SELECT '${event}' AS type, formatRowNoNewline('JSONEachRow', *) AS event FROM ${view} WHERE (topic, partition, offset) IN (${own.join(', ')})`
  })
  if (parts.length === 0) return []
  const rows = await ask<Row>(db, parts.join('\nUNION ALL\n'))
  return rows.map(({ type, event }) => detailOf(type, JSON.parse(event))).sort(asTheyHappened)
}

function detailOf(type: string, row: Record<string, unknown>): OrderEventDetail {
  const { topic, partition, offset, recorded_at, ingested_at, occurred_at, ...payload } = row
  return {
    type,
    topic: String(topic),
    partition: Number(partition),
    offset: Number(offset),
    occurredAt: String(occurred_at),
    recordedAt: String(recorded_at),
    ingestedAt: String(ingested_at),
    payload,
  }
}

/** Events of one millisecond in the order in which ordering wrote them, where they have a version. */
function asTheyHappened(a: OrderEventDetail, b: OrderEventDetail): number {
  const version = (one: OrderEventDetail) => Number(one.payload.version ?? one.payload.order_version ?? 0)
  return (
    a.occurredAt.localeCompare(b.occurredAt) ||
    version(a) - version(b) ||
    a.recordedAt.localeCompare(b.recordedAt) ||
    a.offset - b.offset
  )
}
