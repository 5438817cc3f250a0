import type { PaymentFailReason, RefundReason } from '#schemas/generated/events.ts'

/**
 * Vocabulary. A *payment* is all that this service knows about the money of one order; there is at most one per order. To *charge*
 * is to ask the provider for the money, to *capture* is to get it. An *answer* is what we tell ordering. A *cancellation* is
 * ordering's word that the order will never stand.
 */
export type Payment = Cancelled | Charging | Succeeded | Failed | Refunding | Refunded
export type PaymentStatus = Payment['status']

interface Facts {
  readonly paymentId: string
  readonly orderId: string
  /** Version of the ordering event that made this payment; echoed in the answers. */
  readonly orderVersion: number
  readonly customerId: string
  readonly amountMinor: number
  readonly currency: string
}

/** The order will never stand. */
export interface Cancellation {
  readonly orderVersion: number
  readonly reason: RefundReason
  /** Key of the refund at the provider and its id for everybody else; made once, so that asking twice refunds once. */
  readonly refundId: string
}

/** How long it took to know: calls to the provider, and milliseconds spent in them. */
export interface Effort {
  readonly attempts: number
  readonly providerMs: number
}

export interface Charge extends Effort {
  readonly provider: string
  readonly cardBrand: string | null
  /** By the provider's clock, milliseconds. */
  readonly chargedAt: number
}

/** Nothing was charged and nothing ever will be: cancelled before the provider was called. Also the mark a late request meets. */
export interface Cancelled extends Facts {
  readonly status: 'CANCELLED'
}

/** The provider is to be called, or was and its answer is not known. */
export interface Charging extends Facts {
  readonly status: 'CHARGING'
  readonly paymentToken: string
  /** Calls begun. 0 proves that the provider has never heard of this order. */
  readonly effort: Effort
  readonly cancellation: Cancellation | undefined
}

export interface Succeeded extends Facts {
  readonly status: 'SUCCEEDED'
  readonly charge: Charge
  readonly answeredAt: number
  /** Ordering's Paid was seen, so it has our answer. */
  readonly outcomeSeen: boolean
}

export interface Failed extends Facts {
  readonly status: 'FAILED'
  readonly effort: Effort
  readonly provider: string
  readonly reason: PaymentFailReason
  readonly answeredAt: number
}

export interface Refunding extends Facts {
  readonly status: 'REFUNDING'
  readonly charge: Charge
  readonly answeredAt: number
  readonly cancellation: Cancellation
  /** Calls for the refund that were begun. */
  readonly refundAttempts: number
}

export interface Refunded extends Facts {
  readonly status: 'REFUNDED'
  readonly charge: Charge
  readonly answeredAt: number
  readonly cancellation: Cancellation
  readonly refundedAt: number
}
