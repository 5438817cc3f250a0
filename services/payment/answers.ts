import type { Draft } from '#pipelines/outbox/types.ts'
import type { Failed, Refunded, Refunding, Succeeded } from './payment.ts'

/**
 * The events of a payment, made from what is kept and from nothing else: an answer sent again has a new eventId and otherwise the
 * first one's content, `occurredAt` included.
 */
export function succeededEvent(payment: Succeeded | Refunding | Refunded): Draft<'OrderPaymentSucceeded'> {
  const { charge } = payment
  return {
    type: 'OrderPaymentSucceeded',
    occurredAt: payment.answeredAt,
    orderId: payment.orderId,
    orderVersion: payment.orderVersion,
    paymentId: payment.paymentId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    provider: charge.provider,
    cardBrand: charge.cardBrand,
    attempts: charge.attempts,
    providerMs: charge.providerMs,
  }
}

export function failedEvent(payment: Failed): Draft<'OrderPaymentFailed'> {
  return {
    type: 'OrderPaymentFailed',
    occurredAt: payment.answeredAt,
    orderId: payment.orderId,
    orderVersion: payment.orderVersion,
    paymentId: payment.paymentId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    provider: payment.provider,
    reason: payment.reason,
    attempts: payment.effort.attempts,
    providerMs: payment.effort.providerMs,
  }
}

export function refundedEvent(payment: Refunded): Draft<'OrderPaymentRefunded'> {
  return {
    type: 'OrderPaymentRefunded',
    occurredAt: payment.refundedAt,
    orderId: payment.orderId,
    orderVersion: payment.cancellation.orderVersion,
    paymentId: payment.paymentId,
    refundId: payment.cancellation.refundId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    reason: payment.cancellation.reason,
    chargedAt: payment.charge.chargedAt,
  }
}
