import type { ClickHouseClient } from '@clickhouse/client'
import { ask, ordersIn, type Span, spanParameters, within } from './ask.ts'

export interface StatusCount {
  readonly status: string
  readonly orders: number
}

/** Where the orders are now. */
export function ordersByStatus(db: ClickHouseClient, span: Span): Promise<StatusCount[]> {
  return ask<StatusCount>(
    db,
    `SELECT status, count() AS orders FROM ${ordersIn()} WHERE ${within('first_event_at')} GROUP BY status ORDER BY orders DESC, status`,
    spanParameters(span),
  )
}

export interface OrderSummary {
  readonly orderId: string
  readonly customerId: string
  readonly status: string
  readonly totalMinor: number | null
  readonly currency: string
  readonly firstEventAt: string
  readonly lastEventAt: string
}

export interface OrdersPage extends Span {
  readonly status?: string | undefined
  readonly limit: number
  readonly after?: { readonly at: string; readonly orderId: string } | undefined
}

/** Orders, newest first, of one status or all; one more than asked for. */
export function listOrders(
  db: ClickHouseClient,
  { status, limit, after, ...span }: OrdersPage,
): Promise<OrderSummary[]> {
  const only = status === undefined ? '' : 'AND status = {status:String}'
  const beyond = after
    ? `AND (first_event_at, order_id) < (parseDateTime64BestEffort({at:String}, 3, 'UTC'), {orderId:UUID})`
    : ''
  return ask<OrderSummary>(
    db,
    `SELECT order_id AS orderId, customer_id AS customerId, status, total_minor AS totalMinor, currency,
       first_event_at AS firstEventAt, last_event_at AS lastEventAt
     FROM ${ordersIn()} WHERE ${within('first_event_at')} ${only} ${beyond}
     ORDER BY first_event_at DESC, order_id DESC LIMIT {limit:UInt32}`,
    {
      limit: limit + 1,
      ...spanParameters(span),
      ...(status !== undefined && { status }),
      ...(after && { at: after.at, orderId: after.orderId }),
    },
  )
}
