import type { ClickHouseClient } from '@clickhouse/client'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import { countCheckouts } from '../queries/checkouts.ts'
import { countCustomerCheckouts, customerCheckouts } from '../queries/customer-checkouts.ts'
import { Count, Money, READERS, spanOf, spanQuery, Text, Timestamp, Uuid, When } from './shapes.ts'

const Checkouts = Type.Object({ checkouts: Count, customers: Count, firstAt: When, lastAt: When })

const Checkout = Type.Object({
  orderId: Uuid,
  checkedOutAt: Timestamp,
  status: Text,
  total: Money,
  itemCount: Count,
})
const CustomerCheckouts = Type.Object({ customerId: Text, checkouts: Count, ...pageOf(Checkout).properties })
const Position = Type.Object({ at: Type.String({ format: 'date-time' }), orderId: Type.String({ format: 'uuid' }) })

export function checkoutRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/order-checkouts',
      {
        config: { access: READERS },
        schema: {
          summary: 'Number of checkouts',
          querystring: Type.Object(spanQuery),
          response: { 200: Checkouts },
        },
      },
      async ({ query }) => countCheckouts(db, spanOf(query)),
    )
    app.get(
      '/v1/analytics/order-checkouts/:customerId',
      {
        config: { access: READERS },
        schema: {
          summary: 'Checkouts of one customer, newest first',
          params: Type.Object({ customerId: Type.String({ minLength: 1, maxLength: 200 }) }),
          querystring: Type.Object(pageQuery),
          response: { 200: CustomerCheckouts },
        },
      },
      async ({ params: { customerId }, query: { limit, cursor } }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, Position)
        const [checkouts, rows] = await Promise.all([
          countCustomerCheckouts(db, customerId),
          customerCheckouts(db, customerId, { limit, after }),
        ])
        const page = toPage(
          rows,
          limit,
          (row) => ({ at: row.checkedOutAt, orderId: row.orderId }),
          ({ totalMinor, currency, ...row }) => ({ ...row, total: toMoney(totalMinor, currency) }),
        )
        return { customerId, checkouts, ...page }
      },
    )
  }
}
