import { newId } from '#pipelines/kernel/ids.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type {
  OrderStatusChangedToCancelled,
  OrderStatusChangedToPaid,
  OrderStatusChangedToStockConfirmed,
} from '#schemas/generated/events.ts'

const CUSTOMER = 'customer-1'
const PLACED_AT = Date.UTC(2026, 10, 22, 12)

/** Ordering asks for the payment of an order. */
export function stockConfirmed(
  given: Partial<Omit<OrderStatusChangedToStockConfirmed, 'paymentToken'>> & { orderId: string; token?: string },
): OrderStatusChangedToStockConfirmed {
  const { token = 'tok_visa', ...fields } = given
  return {
    type: 'OrderStatusChangedToStockConfirmed',
    eventId: newId(),
    occurredAt: PLACED_AT + 2_000,
    version: 4,
    customerId: CUSTOMER,
    placedAt: PLACED_AT,
    totalMinor: 4_599,
    currency: 'EUR',
    paymentToken: sensitive(token),
    attempt: 1,
    ...fields,
  }
}

/** Ordering has cancelled an order. */
export function orderCancelled(
  given: Partial<OrderStatusChangedToCancelled> & { orderId: string },
): OrderStatusChangedToCancelled {
  return {
    type: 'OrderStatusChangedToCancelled',
    eventId: newId(),
    occurredAt: PLACED_AT + 3_000,
    version: 5,
    customerId: CUSTOMER,
    placedAt: PLACED_AT,
    reason: 'CUSTOMER',
    previousStatus: 'STOCK_CONFIRMED',
    actorRole: 'customer',
    totalMinor: 4_599,
    currency: 'EUR',
    lines: [],
    ...given,
  }
}

/** Ordering has taken our word that an order is paid. */
export function orderPaid(given: Partial<OrderStatusChangedToPaid> & { orderId: string }): OrderStatusChangedToPaid {
  return {
    type: 'OrderStatusChangedToPaid',
    eventId: newId(),
    occurredAt: PLACED_AT + 4_000,
    version: 5,
    customerId: CUSTOMER,
    placedAt: PLACED_AT,
    totalMinor: 4_599,
    subtotalMinor: 4_599,
    discountMinor: 0,
    shippingMinor: 0,
    taxMinor: 0,
    currency: 'EUR',
    paymentId: newId(),
    lines: [],
    ...given,
  }
}
