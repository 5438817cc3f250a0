import type { EventOf, EventType, Item, RejectedLine, ShopEvent } from '#schemas/generated/events.ts'
import { dateTime64 } from '../tables/values.ts'

/**
 * What one event says about its order, said once more and by hand: what `tables/order-sources.ts` is held to. Each column is folded over all events of the order by `min` or `max`, as the table's engine
 * does it: the result is the same for any order of arrival and any repetition. Columns that an event does not name stay as they are.
 */
export type OrderPatch = Readonly<Record<string, unknown>>

type Patch<T extends EventType> = (event: EventOf<T>) => OrderPatch

const items = (list: readonly Item[]) =>
  list.map(({ lineNo, productId, sku, name, brand, category, unitPriceMinor, priceVersion, quantity }) => ({
    line_no: lineNo,
    product_id: productId,
    sku,
    name,
    brand,
    category,
    unit_price_minor: unitPriceMinor,
    price_version: priceVersion,
    quantity,
  }))

const rejected = (list: readonly RejectedLine[]) =>
  list.map(({ productId, requested, available, reason }) => ({ product_id: productId, requested, available, reason }))

interface Totals {
  readonly totalMinor: number
  readonly subtotalMinor: number
  readonly discountMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly currency: string
}

const totals = ({
  totalMinor,
  subtotalMinor,
  discountMinor,
  shippingMinor,
  taxMinor,
  currency,
}: Totals): OrderPatch => ({
  total_minor: totalMinor,
  subtotal_minor: subtotalMinor,
  discount_minor: discountMinor,
  shipping_minor: shippingMinor,
  tax_minor: taxMinor,
  currency,
})

/** Events of ordering itself: who, when placed, and how far ordering has come. */
const ordering = ({
  version,
  customerId,
  placedAt,
}: EventOf<'OrderStarted' | 'OrderStatusChangedToPaid'>): OrderPatch => ({
  version,
  customer_id: customerId,
  placed_at: dateTime64(placedAt),
})

type Ordering = EventOf<'OrderStarted' | 'OrderStatusChangedToPaid'>

const patches: { readonly [T in EventType]?: Patch<T> } = {
  UserCheckoutAccepted: (event) => ({
    ...totals(event),
    checked_out_at: dateTime64(event.occurredAt),
    customer_id: event.customerId,
    basket_id: event.basketId,
    items: items(event.items),
    channel: event.channel,
    card_brand: event.cardBrand,
  }),
  OrderStarted: (event) => ({
    ...ordering(event),
    started_at: dateTime64(event.occurredAt),
    basket_id: event.basketId,
  }),
  OrderStatusChangedToSubmitted: (event) => ({
    ...ordering(event as unknown as Ordering),
    ...totals(event),
    submitted_at: dateTime64(event.occurredAt),
    items: items(event.items),
    country: event.country,
    channel: event.channel,
    grace_ends_at: dateTime64(event.graceEndsAt),
  }),
  GracePeriodConfirmed: (event) => ({ grace_confirmed_at: dateTime64(event.occurredAt) }),
  OrderStatusChangedToAwaitingValidation: (event) => ({
    ...ordering(event as unknown as Ordering),
    awaiting_validation_at: dateTime64(event.occurredAt),
    validation_attempts: event.attempt,
  }),
  OrderStockConfirmed: (event) => ({ stock_reserved_at: dateTime64(event.occurredAt) }),
  OrderStockRejected: (event) => ({
    stock_rejected_at: dateTime64(event.occurredAt),
    rejected_lines: rejected(event.lines),
  }),
  OrderStatusChangedToStockConfirmed: (event) => ({
    ...ordering(event as unknown as Ordering),
    stock_confirmed_at: dateTime64(event.occurredAt),
    total_minor: event.totalMinor,
    currency: event.currency,
    payment_requests: event.attempt,
  }),
  OrderPaymentSucceeded: (event) => ({
    payment_succeeded_at: dateTime64(event.occurredAt),
    payment_id: event.paymentId,
    charged_minor: event.amountMinor,
    currency: event.currency,
    payment_provider: event.provider,
    card_brand: event.cardBrand,
    payment_attempts: event.attempts,
    payment_provider_ms: event.providerMs,
  }),
  OrderPaymentFailed: (event) => ({
    payment_failed_at: dateTime64(event.occurredAt),
    payment_id: event.paymentId,
    currency: event.currency,
    payment_provider: event.provider,
    card_brand: event.cardBrand,
    payment_attempts: event.attempts,
    payment_provider_ms: event.providerMs,
    payment_fail_reason: event.reason,
  }),
  OrderPaymentRefunded: (event) => ({
    payment_refunded_at: dateTime64(event.occurredAt),
    payment_id: event.paymentId,
    refund_id: event.refundId,
    refunded_minor: event.amountMinor,
    currency: event.currency,
    refund_reason: event.reason,
  }),
  OrderStatusChangedToPaid: (event) => ({
    ...ordering(event),
    ...totals(event),
    paid_at: dateTime64(event.occurredAt),
    payment_id: event.paymentId,
  }),
  OrderStatusChangedToShipped: (event) => ({
    ...ordering(event as unknown as Ordering),
    shipped_at: dateTime64(event.occurredAt),
    total_minor: event.totalMinor,
    currency: event.currency,
    carrier: event.carrier,
    tracking_number: event.trackingNumber,
  }),
  OrderStatusChangedToCancelled: (event) => ({
    ...ordering(event as unknown as Ordering),
    cancelled_at: dateTime64(event.occurredAt),
    total_minor: event.totalMinor,
    currency: event.currency,
    cancel_reason: event.reason,
    cancelled_from: event.previousStatus,
    cancelled_by: event.actorRole,
  }),
}

/** The partial order row of an event; nothing for events that are not about an order's life. */
export function orderPatchOf(event: ShopEvent): OrderPatch | undefined {
  const patch = patches[event.type] as ((event: ShopEvent) => OrderPatch) | undefined
  if (!patch || !('orderId' in event) || event.orderId === null) return undefined
  const at = dateTime64(event.occurredAt)
  return { order_id: event.orderId, first_event_at: at, last_event_at: at, ...patch(event) }
}
