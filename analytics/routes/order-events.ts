import type { ClickHouseClient } from '@clickhouse/client'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { orderEventDetails } from '../queries/order-events.ts'
import { Count, READERS, Text, Timestamp, Uuid } from './shapes.ts'

const Detail = Type.Object({
  type: Text,
  topic: Text,
  partition: Count,
  offset: Count,
  occurredAt: Timestamp,
  recordedAt: Timestamp,
  ingestedAt: Timestamp,
  payload: Type.Record(Type.String(), Type.Unknown()),
})

export function orderEventRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/orders/:orderId/events',
      {
        config: { access: READERS },
        schema: {
          summary: 'Every record about an order across all topics, with its payload',
          params: Type.Object({ orderId: Uuid }),
          response: { 200: Type.Object({ items: Type.Array(Detail) }) },
        },
      },
      async ({ params: { orderId } }) => ({ items: (await orderEventDetails(db, orderId)) as never }),
    )
  }
}
