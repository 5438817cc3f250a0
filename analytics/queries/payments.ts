import type { ClickHouseClient } from '@clickhouse/client'
import { ask, ordersIn, type Span, spanParameters } from './ask.ts'

export interface PaymentOutcome {
  readonly outcome: 'Succeeded' | 'Failed' | 'Refunded'
  /** Why it failed or was refunded; empty for a success. */
  readonly reason: string
  readonly currency: string
  readonly payments: number
  readonly amountMinor: number
}

/** How payments ended, one per order. A refunded one counts as refunded only. */
export function paymentsByOutcome(db: ClickHouseClient, span: Span): Promise<PaymentOutcome[]> {
  return ask<PaymentOutcome>(
    db,
    `SELECT payment_outcome AS outcome,
       multiIf(outcome = 'Failed', payment_fail_reason, outcome = 'Refunded', refund_reason, '') AS reason,
       currency, count() AS payments,
       sum(ifNull(multiIf(outcome = 'Refunded', refunded_minor, outcome = 'Succeeded', charged_minor, total_minor), 0)) AS amountMinor
     FROM ${ordersIn()}
     WHERE payment_outcome != 'None'
       AND coalesce(payment_refunded_at, payment_succeeded_at, payment_failed_at) >= {from:DateTime64(3, 'UTC')}
       AND coalesce(payment_refunded_at, payment_succeeded_at, payment_failed_at) < {to:DateTime64(3, 'UTC')}
     GROUP BY outcome, reason, currency ORDER BY payments DESC, outcome, reason, currency`,
    spanParameters(span),
  )
}
