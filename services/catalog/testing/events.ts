import { newId } from '#pipelines/kernel/ids.ts'
import type {
  OrderStatusChangedToAwaitingValidation,
  OrderStatusChangedToCancelled,
  OrderStatusChangedToPaid,
} from '#schemas/generated/events.ts'
import type { Line } from '../product.ts'

const PLACED_AT = Date.UTC(2026, 10, 22, 12)

function common(orderId: string, version: number) {
  const customerId = 'customer-1'
  return { eventId: newId(), occurredAt: PLACED_AT + version, orderId, version, customerId, placedAt: PLACED_AT }
}

/** Ordering asks for the stock of an order. */
export function stockAsked(
  orderId: string,
  lines: readonly Line[],
  attempt = 1,
): OrderStatusChangedToAwaitingValidation {
  return { type: 'OrderStatusChangedToAwaitingValidation', ...common(orderId, 3), lines, attempt }
}

/** Ordering says that an order is paid. */
export function orderPaid(orderId: string): OrderStatusChangedToPaid {
  return {
    type: 'OrderStatusChangedToPaid',
    ...common(orderId, 5),
    totalMinor: 100,
    subtotalMinor: 100,
    discountMinor: 0,
    shippingMinor: 0,
    taxMinor: 0,
    currency: 'EUR',
    paymentId: newId(),
    lines: [],
  }
}

/** Ordering says that an order is cancelled. */
export function orderCancelled(orderId: string): OrderStatusChangedToCancelled {
  return {
    type: 'OrderStatusChangedToCancelled',
    ...common(orderId, 4),
    reason: 'CUSTOMER',
    previousStatus: 'AWAITING_VALIDATION',
    actorRole: 'customer',
    totalMinor: 100,
    currency: 'EUR',
    lines: [],
  }
}
