import type { ClickHouseClient } from '@clickhouse/client'
import { ask, type Span, spanParameters, within } from './ask.ts'

export interface TopProduct {
  readonly productId: string
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly currency: string
  readonly units: number
  readonly orders: number
  readonly revenueMinor: number
}

export interface TopProductsAsk extends Span {
  readonly by: 'units' | 'revenue'
  readonly limit: number
  /** Amounts of different currencies cannot be compared, so by revenue one is needed to rank across all. */
  readonly currency?: string | undefined
}

/** The products sold most in paid orders. Names are those of the latest sale. */
export function topProducts(
  db: ClickHouseClient,
  { by, limit, currency, ...span }: TopProductsAsk,
): Promise<TopProduct[]> {
  return ask<TopProduct>(
    db,
    `SELECT product_id AS productId, currency,
       argMax(sku, paid_at) AS sku, argMax(name, paid_at) AS name, argMax(brand, paid_at) AS brand, argMax(category, paid_at) AS category,
       sum(quantity) AS units, uniqExact(order_id) AS orders, sum(line_minor) AS revenueMinor
     FROM order_items_since(since = {from:DateTime64(3, 'UTC')})
     WHERE ${within('paid_at')} ${currency === undefined ? '' : 'AND currency = {currency:String}'}
     GROUP BY productId, currency
     ORDER BY ${by === 'units' ? 'units' : 'revenueMinor'} DESC, productId LIMIT {limit:UInt32}`,
    { limit, ...spanParameters(span), ...(currency !== undefined && { currency }) },
  )
}
