import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'

export interface CustomerCheckout {
  readonly orderId: string
  readonly checkedOutAt: string
  readonly status: string
  readonly totalMinor: number
  readonly currency: string
  readonly itemCount: number
}

/** Where a page ended: newest first, then by order. */
export interface CheckoutPosition {
  readonly at: string
  readonly orderId: string
}

export interface CustomerPage {
  readonly limit: number
  readonly after?: CheckoutPosition | undefined
}

/** The checkouts of one customer, newest first; one more than asked for, to tell whether there is a next page. */
export function customerCheckouts(
  db: ClickHouseClient,
  customerId: string,
  { limit, after }: CustomerPage,
): Promise<CustomerCheckout[]> {
  const beyond = after
    ? `AND (checked_out_at, order_id) < (parseDateTime64BestEffort({at:String}, 3, 'UTC'), {orderId:UUID})`
    : ''
  return ask<CustomerCheckout>(
    db,
    `SELECT order_id AS orderId, checked_out_at AS checkedOutAt, status, total_minor AS totalMinor, currency, item_count AS itemCount
     FROM orders WHERE customer_id = {customerId:String} AND checked_out_at IS NOT NULL ${beyond}
     ORDER BY checked_out_at DESC, order_id DESC LIMIT {limit:UInt32}`,
    { customerId, limit: limit + 1, ...(after && { at: after.at, orderId: after.orderId }) },
  )
}

/** How many checkouts a customer has made. */
export async function countCustomerCheckouts(db: ClickHouseClient, customerId: string): Promise<number> {
  const [row] = await ask<{ count: number }>(
    db,
    'SELECT count() AS count FROM orders WHERE customer_id = {customerId:String} AND checked_out_at IS NOT NULL',
    { customerId },
  )
  return row?.count ?? 0
}
