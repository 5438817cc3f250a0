import type { ClickHouseClient } from '@clickhouse/client'
import { ask, ordersIn, type Span, spanParameters, within } from './ask.ts'

export interface Income {
  readonly currency: string
  /** Orders that were charged. */
  readonly orders: number
  readonly chargedMinor: number
  readonly refundedMinor: number
  readonly incomeMinor: number
}

/** What came in and stayed, by currency: charges by the time they succeeded, without what was refunded since. */
export function totalIncome(db: ClickHouseClient, span: Span): Promise<Income[]> {
  return ask<Income>(
    db,
    `SELECT currency, count() AS orders, sum(ifNull(charged_minor, 0)) AS chargedMinor, sum(ifNull(refunded_minor, 0)) AS refundedMinor,
       chargedMinor - refundedMinor AS incomeMinor
     FROM ${ordersIn()} WHERE ${within('payment_succeeded_at')}
     GROUP BY currency ORDER BY currency`,
    spanParameters(span),
  )
}
