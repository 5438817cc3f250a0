import type { ClickHouseClient } from '@clickhouse/client'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { notFound } from '#pipelines/http/problems.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import { eventsOfOrder, findOrder } from '../queries/order.ts'
import { listOrders, ordersByStatus } from '../queries/orders-by-status.ts'
import { OrderView, orderView } from './order-view.ts'
import { Count, Money, READERS, spanOf, spanQuery, Text, Timestamp, Uuid } from './shapes.ts'

const STATUSES = [
  'CheckedOut',
  'Submitted',
  'AwaitingValidation',
  'StockConfirmed',
  'Paid',
  'Shipped',
  'Cancelled',
] as const

const Summary = Type.Object({
  orderId: Uuid,
  customerId: Text,
  status: Text,
  total: Type.Union([Money, Type.Null()]),
  firstEventAt: Timestamp,
  lastEventAt: Timestamp,
})
const ByStatus = Type.Object({ items: Type.Array(Type.Object({ status: Text, orders: Count })) })
const Position = Type.Object({ at: Type.String({ format: 'date-time' }), orderId: Type.String({ format: 'uuid' }) })

export function orderRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/orders',
      {
        config: { access: READERS },
        schema: {
          summary: 'Orders, newest first',
          querystring: Type.Object({
            ...pageQuery,
            ...spanQuery,
            status: Type.Optional(Type.Union(STATUSES.map((status) => Type.Literal(status)))),
          }),
          response: { 200: pageOf(Summary) },
        },
      },
      async ({ query: { limit, cursor, status, ...span } }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, Position)
        const rows = await listOrders(db, { limit, after, status, ...spanOf(span) })
        return toPage(
          rows,
          limit,
          (row) => ({ at: row.firstEventAt, orderId: row.orderId }),
          ({ totalMinor, currency, ...row }) => ({
            ...row,
            total: totalMinor === null || currency === '' ? null : toMoney(totalMinor, currency),
          }),
        )
      },
    )
    app.get(
      '/v1/analytics/orders/by-status',
      {
        config: { access: READERS },
        schema: {
          summary: 'How many orders are in each status now',
          querystring: Type.Object(spanQuery),
          response: { 200: ByStatus },
        },
      },
      async ({ query }) => ({ items: await ordersByStatus(db, spanOf(query)) }),
    )
    app.get(
      '/v1/analytics/orders/:orderId',
      {
        config: { access: READERS },
        schema: {
          summary: 'One order, joined from all topics, with every record about it',
          params: Type.Object({ orderId: Uuid }),
          response: { 200: OrderView },
        },
      },
      async ({ params: { orderId } }) => {
        const [row, events] = await Promise.all([findOrder(db, orderId), eventsOfOrder(db, orderId)])
        if (!row) throw notFound('ORDER_NOT_FOUND', 'no event of this order has arrived')
        return orderView(row, events)
      },
    )
  }
}
