import type { ClickHouseClient } from '@clickhouse/client'
import { ask, ordersIn, type Span, spanParameters, within } from './ask.ts'

export interface Checkouts {
  readonly checkouts: number
  readonly customers: number
  readonly firstAt: string | null
  readonly lastAt: string | null
}

/** How many orders were checked out. An order counts once, however often its event was sent. */
export async function countCheckouts(db: ClickHouseClient, span: Span): Promise<Checkouts> {
  const [row] = await ask<Checkouts>(
    db,
    `SELECT count() AS checkouts, uniqExact(customer_id) AS customers, minOrNull(checked_out_at) AS firstAt, maxOrNull(checked_out_at) AS lastAt
     FROM ${ordersIn()} WHERE ${within('checked_out_at')}`,
    spanParameters(span),
  )
  return row as Checkouts
}
