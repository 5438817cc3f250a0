import type { Draft } from '#pipelines/outbox/types.ts'
import { reveal } from '#schemas/codec/sensitive.ts'
import type {
  CancelReason,
  OrderStatusChangedToCancelled,
  OrderStatusChangedToStockConfirmed,
  RefundReason,
} from '#schemas/generated/events.ts'
import { failedEvent, refundedEvent, succeededEvent } from './answers.ts'
import type { Cancellation, Cancelled, Charging, Effort, Payment, Refunding, Succeeded } from './payment.ts'
import type { ChargeAnswer, RefundAnswer } from './provider/provider.ts'

export type PaymentDraft = Draft<'OrderPaymentSucceeded' | 'OrderPaymentFailed' | 'OrderPaymentRefunded'>

/** What a decision asks for: the payment as it is to be kept (absent: nothing changes), the events, and why there is nothing to do. */
export interface Decision {
  readonly next?: Payment
  readonly events: readonly PaymentDraft[]
  readonly quiet?: string
}

const quiet = (reason: string): Decision => ({ events: [], quiet: reason })

/** The payment a first request makes: to be charged. */
export function requested(event: OrderStatusChangedToStockConfirmed, paymentId: string): Charging {
  return {
    status: 'CHARGING',
    paymentId,
    orderId: event.orderId,
    orderVersion: event.version,
    customerId: event.customerId,
    amountMinor: event.totalMinor,
    currency: event.currency,
    paymentToken: reveal(event.paymentToken),
    effort: { attempts: 0, providerMs: 0 },
    cancellation: undefined,
  }
}

/** A request for an order that has a payment: the recorded answer again, or nothing. Never a second charge. */
export function requestedAgain(payment: Payment): Decision {
  switch (payment.status) {
    case 'CANCELLED':
      return quiet('the order was cancelled before: nothing is charged')
    case 'CHARGING':
      return quiet('the provider has not answered yet')
    case 'SUCCEEDED':
    case 'REFUNDING':
      return { events: [succeededEvent(payment)] }
    case 'FAILED':
      return { events: [failedEvent(payment)] }
    case 'REFUNDED':
      return { events: [succeededEvent(payment), refundedEvent(payment)] }
  }
}

/** The mark that a cancellation leaves where nothing was asked for yet, so that a late request charges nothing. */
export function cancelledFirst(event: OrderStatusChangedToCancelled, paymentId: string): Cancelled {
  return {
    status: 'CANCELLED',
    paymentId,
    orderId: event.orderId,
    orderVersion: event.version,
    customerId: event.customerId,
    amountMinor: event.totalMinor,
    currency: event.currency,
  }
}

/** The order will never stand: what was captured goes back, what may be captured is marked, what was never sent is not. */
export function cancelled(payment: Payment, event: OrderStatusChangedToCancelled, refundId: string): Decision {
  switch (payment.status) {
    case 'CHARGING':
      if (payment.cancellation) return quiet('this cancellation is known')
      if (payment.effort.attempts === 0) return { next: neverCharged(payment), events: [] }
      return { next: { ...payment, cancellation: cancellationOf(event, refundId) }, events: [] }
    case 'SUCCEEDED':
      return { next: refunding(payment, cancellationOf(event, refundId)), events: [] }
    case 'CANCELLED':
    case 'REFUNDING':
    case 'REFUNDED':
      return quiet('this cancellation is known')
    case 'FAILED':
      return quiet('nothing was captured')
  }
}

/** Ordering has our answer. */
export function outcomeSeen(payment: Payment): Decision {
  if (payment.status !== 'SUCCEEDED') return quiet(`the payment is ${payment.status}`)
  if (payment.outcomeSeen) return quiet('seen before')
  return { next: { ...payment, outcomeSeen: true }, events: [] }
}

/**
 * The provider's definite answer to a charge. Acts only from CHARGING: two workers may have asked, with the same key and so for one
 * charge. A capture is always told, also that of a cancelled order: its refund would be one of money that nobody saw taken.
 */
export function chargeAnswered(
  payment: Payment,
  answer: ChargeAnswer,
  facts: { readonly provider: string; readonly spentMs: number; readonly nowMs: number },
): Decision {
  if (payment.status !== 'CHARGING') return quiet(`the payment is ${payment.status} already`)
  const { provider, spentMs, nowMs } = facts
  const { status: _, paymentToken: _token, effort: before, cancellation, ...order } = payment
  const effort: Effort = { ...before, providerMs: before.providerMs + spentMs }
  if (answer.outcome === 'refused') {
    const failed = { ...order, status: 'FAILED', effort, provider, reason: answer.reason, answeredAt: nowMs } as const
    return { next: failed, events: [failedEvent(failed)] }
  }
  const succeeded: Succeeded = {
    ...order,
    status: 'SUCCEEDED',
    charge: { ...effort, provider, cardBrand: answer.cardBrand, chargedAt: answer.capturedAt },
    answeredAt: nowMs,
    outcomeSeen: false,
  }
  return {
    next: cancellation ? refunding(succeeded, cancellation) : succeeded,
    events: [succeededEvent(succeeded)],
  }
}

/** The provider gave the money back. Acts only from REFUNDING. */
export function refundAnswered(payment: Payment, _answer: RefundAnswer, nowMs: number): Decision {
  if (payment.status !== 'REFUNDING') return quiet(`the payment is ${payment.status} already`)
  const { refundAttempts: _, ...kept } = payment
  const refunded = { ...kept, status: 'REFUNDED', refundedAt: nowMs } as const
  return { next: refunded, events: [refundedEvent(refunded)] }
}

function neverCharged({ paymentToken: _, effort: _effort, cancellation: _none, ...order }: Charging): Cancelled {
  return { ...order, status: 'CANCELLED' }
}

function refunding({ outcomeSeen: _, ...payment }: Succeeded, cancellation: Cancellation): Refunding {
  return { ...payment, status: 'REFUNDING', cancellation, refundAttempts: 0 }
}

function cancellationOf(event: OrderStatusChangedToCancelled, refundId: string): Cancellation {
  return { orderVersion: event.version, reason: refundReasonOf(event.reason), refundId }
}

/** `OTHER` is an order that was invalid from the start: payment never hears of one that it has charged. */
function refundReasonOf(reason: CancelReason): RefundReason {
  return reason === 'OTHER' ? 'UNKNOWN' : reason
}
