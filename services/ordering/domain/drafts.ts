import type { PublishedBy } from '#pipelines/flow/bindings.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Draft } from '#pipelines/outbox/types.ts'
import type { Line } from '#schemas/generated/events.ts'
import type { Order, Step, Totals } from './order.ts'

export type OrderingDraft = Draft<PublishedBy<'ordering'>>

/**
 * The event of a step. Made by this one function the first time and whenever it is sent again, so that version, occurredAt and
 * content are the same; the outbox gives each a new eventId. `attempt` counts how often a question is asked, from 1.
 * @throws CodedError `PAYMENT_TOKEN_GONE` when a payment is asked for again after the order's end
 */
export function draftOf(order: Order, step: Step, attempt = 1): OrderingDraft {
  const common = {
    occurredAt: step.occurredAt,
    orderId: order.orderId,
    version: step.version,
    customerId: order.customerId,
    placedAt: order.placedAt,
  }
  const { totalMinor, currency } = order
  switch (step.type) {
    case 'OrderStarted':
      return { ...common, type: step.type, basketId: order.basketId, basketVersion: order.basketVersion }
    case 'OrderStatusChangedToSubmitted':
      return {
        ...common,
        ...totalsOf(order),
        type: step.type,
        items: order.items,
        itemCount: order.items.length,
        unitCount: order.items.reduce((sum, { quantity }) => sum + quantity, 0),
        country: order.country,
        channel: order.channel,
        graceEndsAt: step.graceEndsAt,
      }
    case 'OrderStatusChangedToAwaitingValidation':
      return { ...common, type: step.type, lines: linesOf(order), attempt }
    case 'OrderStatusChangedToStockConfirmed':
      return { ...common, type: step.type, totalMinor, currency, paymentToken: tokenOf(order), attempt }
    case 'OrderStatusChangedToPaid':
      return { ...common, ...totalsOf(order), type: step.type, paymentId: step.paymentId, lines: linesOf(order) }
    case 'OrderStatusChangedToShipped': {
      const { carrier, trackingNumber } = step
      return { ...common, type: step.type, totalMinor, currency, carrier, trackingNumber }
    }
    case 'OrderStatusChangedToCancelled': {
      const { reason, previousStatus, actorRole } = step
      const lines = linesOf(order)
      return { ...common, type: step.type, reason, previousStatus, actorRole, totalMinor, currency, lines }
    }
  }
}

function totalsOf(order: Order): Totals {
  const { totalMinor, subtotalMinor, discountMinor, shippingMinor, taxMinor, currency } = order
  return { totalMinor, subtotalMinor, discountMinor, shippingMinor, taxMinor, currency }
}

function linesOf(order: Order): readonly Line[] {
  return order.items.map(({ productId, quantity }) => ({ productId, quantity }))
}

function tokenOf(order: Order) {
  if (order.paymentToken !== null) return order.paymentToken
  throw new CodedError('PAYMENT_TOKEN_GONE', 'the payment token of this order is deleted, as it is paid or cancelled', {
    facts: { orderId: order.orderId, status: order.status },
  })
}
