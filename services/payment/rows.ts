import type { PaymentFailReason, RefundReason } from '#schemas/generated/events.ts'
import type { Cancellation, Charge, Effort, Payment, PaymentStatus } from './payment.ts'

/** A row of `payments`, as the driver gives it. */
export interface PaymentRow {
  readonly order_id: string
  readonly payment_id: string
  readonly status: PaymentStatus
  readonly order_version: number
  readonly customer_id: string
  readonly amount_minor: number
  readonly currency: string
  readonly payment_token: string | null
  readonly attempts: number
  readonly provider_ms: number
  readonly provider: string | null
  readonly card_brand: string | null
  readonly fail_reason: PaymentFailReason | null
  readonly charged_at: Date | null
  readonly answered_at: Date | null
  readonly outcome_seen: boolean
  readonly cancel_version: number | null
  readonly cancel_reason: RefundReason | null
  readonly refund_id: string | null
  readonly refund_attempts: number
  readonly refunded_at: Date | null
  readonly created_at: Date
  readonly updated_at: Date
}

/** The columns that change after the row was made, in the order of {@link changingValues}. */
export const CHANGING_COLUMNS = [
  'status',
  'payment_token',
  'attempts',
  'provider_ms',
  'provider',
  'card_brand',
  'fail_reason',
  'charged_at',
  'answered_at',
  'outcome_seen',
  'cancel_version',
  'cancel_reason',
  'refund_id',
  'refunded_at',
] as const

export function changingValues(payment: Payment): readonly unknown[] {
  const charge = 'charge' in payment ? payment.charge : undefined
  const effort = 'effort' in payment ? payment.effort : charge
  const cancellation = 'cancellation' in payment ? payment.cancellation : undefined
  return [
    payment.status,
    payment.status === 'CHARGING' ? payment.paymentToken : null,
    effort?.attempts ?? 0,
    effort?.providerMs ?? 0,
    payment.status === 'FAILED' ? payment.provider : (charge?.provider ?? null),
    charge?.cardBrand ?? null,
    payment.status === 'FAILED' ? payment.reason : null,
    charge ? new Date(charge.chargedAt) : null,
    'answeredAt' in payment ? new Date(payment.answeredAt) : null,
    payment.status === 'SUCCEEDED' && payment.outcomeSeen,
    cancellation?.orderVersion ?? null,
    cancellation?.reason ?? null,
    cancellation?.refundId ?? null,
    payment.status === 'REFUNDED' ? new Date(payment.refundedAt) : null,
  ]
}

/** The table's checks make the assertions here true. */
export function paymentOf(row: PaymentRow): Payment {
  const facts = {
    paymentId: row.payment_id,
    orderId: row.order_id,
    orderVersion: row.order_version,
    customerId: row.customer_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
  }
  const effort: Effort = { attempts: row.attempts, providerMs: row.provider_ms }
  const answeredAt = row.answered_at?.getTime() ?? 0
  const { status } = row
  switch (status) {
    case 'CANCELLED':
      return { ...facts, status }
    case 'CHARGING':
      return { ...facts, status, effort, paymentToken: row.payment_token ?? '', cancellation: cancellationOf(row) }
    case 'FAILED':
      return {
        ...facts,
        status,
        effort,
        answeredAt,
        provider: row.provider ?? '',
        reason: row.fail_reason ?? 'UNKNOWN',
      }
    case 'SUCCEEDED':
      return { ...facts, status, answeredAt, charge: chargeOf(row, effort), outcomeSeen: row.outcome_seen }
    case 'REFUNDING':
      return {
        ...facts,
        status,
        answeredAt,
        charge: chargeOf(row, effort),
        cancellation: cancellationOf(row) as Cancellation,
        refundAttempts: row.refund_attempts,
      }
    case 'REFUNDED':
      return {
        ...facts,
        status,
        answeredAt,
        charge: chargeOf(row, effort),
        cancellation: cancellationOf(row) as Cancellation,
        refundedAt: row.refunded_at?.getTime() ?? 0,
      }
  }
}

function chargeOf(row: PaymentRow, effort: Effort): Charge {
  return {
    ...effort,
    provider: row.provider ?? '',
    cardBrand: row.card_brand,
    chargedAt: row.charged_at?.getTime() ?? 0,
  }
}

function cancellationOf(row: PaymentRow): Cancellation | undefined {
  if (row.cancel_version === null || row.cancel_reason === null || row.refund_id === null) return undefined
  return { orderVersion: row.cancel_version, reason: row.cancel_reason, refundId: row.refund_id }
}
