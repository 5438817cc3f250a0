import type { EventType } from '#schemas/generated/events.ts'
import { storedEvents } from './columns.ts'
import { orderSourcesOf } from './order-sources.ts'

/**
 * The order rows of stored events, folded by ClickHouse: an INSERT for each event type, from the same sources as the ingest's. Doing it
 * again changes nothing.
 * @param condition which events, in SQL over the columns of `events`
 */
export function foldStatements(store: string, condition: string): string[] {
  return storedEvents.flatMap((type: EventType) => {
    const sources = Object.entries(orderSourcesOf(type) ?? {})
    if (sources.length === 0) return []
    const columns = sources.map(([column]) => column).join(', ')
    const values = sources.map(([column, from]) => `${from} AS ${column}_`).join(', ')
    return [
      `INSERT INTO ${store}.orders (order_id, ${columns}) SELECT assumeNotNull(order_id), ${values} FROM ${store}.events FINAL WHERE type = '${type}' AND (${condition})`,
    ]
  })
}
