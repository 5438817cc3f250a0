import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'

/** The whole joined row, as the view has it. */
export type OrderRow = Readonly<Record<string, unknown>> & {
  readonly order_id: string
  readonly currency: string
}

/** One order, joined from all topics; undefined when no event of it has arrived. */
export async function findOrder(db: ClickHouseClient, orderId: string): Promise<OrderRow | undefined> {
  const [row] = await ask<OrderRow>(db, 'SELECT * FROM orders WHERE order_id = {orderId:UUID}', { orderId })
  return row
}

export interface OrderEvent {
  readonly type: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly occurredAt: string
  readonly recordedAt: string
  readonly ingestedAt: string
}

/** Every record about an order across the topics, as they happened. */
export function eventsOfOrder(db: ClickHouseClient, orderId: string): Promise<OrderEvent[]> {
  return ask<OrderEvent>(
    db,
    `SELECT type, topic, partition, offset, occurred_at AS occurredAt, recorded_at AS recordedAt, ingested_at AS ingestedAt
     FROM order_events WHERE order_id = {orderId:UUID} ORDER BY occurred_at, recorded_at, topic, offset LIMIT 1000`,
    { orderId },
  )
}
