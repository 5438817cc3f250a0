import type { EventType } from '#schemas/generated/events.ts'

/**
 * How the order row comes of events, as data. A column folds over all events of its order by `min` or `max`, in the ingest's memory as in
 * ClickHouse's merges, so that the row is the same for any order of arrival and any repetition. An event that does not name a column
 * leaves it as it is.
 */
export interface OrderColumn {
  readonly name: string
  readonly type: string
  readonly fold: 'min' | 'max'
}

const TIME = "DateTime64(3, 'UTC')"
const some = (type: string) => `Nullable(${type})`
const CHOICE = 'LowCardinality(String)'
const CHOICE_OR_NULL = 'LowCardinality(Nullable(String))'
const ITEMS =
  'Array(Tuple(line_no Int32, product_id UUID, sku String, name String, brand String, category String, unit_price_minor Int64, price_version Int32, quantity Int32))'
const REJECTED = 'Array(Tuple(product_id UUID, requested Int32, available Int32, reason String))'

const min = (type: string, ...names: readonly string[]) =>
  names.map((name): OrderColumn => ({ name, type, fold: 'min' }))
const max = (type: string, ...names: readonly string[]) =>
  names.map((name): OrderColumn => ({ name, type, fold: 'max' }))

/** The columns of `eshop_store.orders` behind `order_id`. */
export const orderColumns: readonly OrderColumn[] = [
  ...min(TIME, 'first_event_at'),
  ...max(TIME, 'last_event_at'),
  ...max('Int32', 'version', 'validation_attempts', 'payment_requests', 'payment_attempts'),
  ...max('String', 'customer_id'),
  ...max(some('UUID'), 'basket_id', 'payment_id', 'refund_id'),
  ...max(CHOICE, 'channel', 'country', 'currency', 'payment_provider', 'payment_fail_reason', 'refund_reason'),
  ...max(CHOICE, 'cancel_reason', 'cancelled_from', 'cancelled_by'),
  ...max(CHOICE_OR_NULL, 'card_brand', 'carrier'),
  ...max(some('Int64'), 'total_minor', 'subtotal_minor', 'discount_minor', 'shipping_minor', 'tax_minor'),
  ...max(some('Int64'), 'charged_minor', 'payment_provider_ms', 'refunded_minor'),
  ...max(some('String'), 'tracking_number'),
  ...max(ITEMS, 'items'),
  ...max(REJECTED, 'rejected_lines'),
  ...min(
    some(TIME),
    'checked_out_at',
    'placed_at',
    'started_at',
    'submitted_at',
    'grace_ends_at',
    'grace_confirmed_at',
  ),
  ...min(some(TIME), 'awaiting_validation_at', 'stock_reserved_at', 'stock_rejected_at', 'stock_confirmed_at'),
  ...min(some(TIME), 'payment_succeeded_at', 'payment_failed_at', 'payment_refunded_at'),
  ...min(some(TIME), 'paid_at', 'shipped_at', 'cancelled_at'),
]

/** Columns of the order and the columns of the event they are taken from; one name where both are called the same. */
type Sources = Readonly<Record<string, string>>

const same = (...names: readonly string[]): Sources => Object.fromEntries(names.map((name) => [name, name]))
const TOTALS = same('total_minor', 'subtotal_minor', 'discount_minor', 'shipping_minor', 'tax_minor', 'currency')
const AMOUNT = same('total_minor', 'currency')
/** Events of ordering itself: who, when placed, and how far ordering has come. */
const ORDERING = same('version', 'customer_id', 'placed_at')
const PAYMENT: Sources = {
  ...same('payment_id', 'currency', 'card_brand'),
  payment_provider: 'provider',
  payment_attempts: 'attempts',
  payment_provider_ms: 'provider_ms',
}
/** The time of the event itself. */
const at = (name: string): Sources => ({ [name]: 'occurred_at' })

const sources: { readonly [T in EventType]?: Sources } = {
  UserCheckoutAccepted: {
    ...at('checked_out_at'),
    ...TOTALS,
    ...same('customer_id', 'basket_id', 'items', 'channel', 'card_brand'),
  },
  OrderStarted: { ...at('started_at'), ...ORDERING, ...same('basket_id') },
  OrderStatusChangedToSubmitted: {
    ...at('submitted_at'),
    ...ORDERING,
    ...TOTALS,
    ...same('items', 'country', 'channel', 'grace_ends_at'),
  },
  GracePeriodConfirmed: at('grace_confirmed_at'),
  OrderStatusChangedToAwaitingValidation: {
    ...at('awaiting_validation_at'),
    ...ORDERING,
    validation_attempts: 'attempt',
  },
  OrderStockConfirmed: at('stock_reserved_at'),
  OrderStockRejected: { ...at('stock_rejected_at'), ...same('rejected_lines') },
  OrderStatusChangedToStockConfirmed: {
    ...at('stock_confirmed_at'),
    ...ORDERING,
    ...AMOUNT,
    payment_requests: 'attempt',
  },
  OrderPaymentSucceeded: { ...at('payment_succeeded_at'), ...PAYMENT, charged_minor: 'amount_minor' },
  OrderPaymentFailed: { ...at('payment_failed_at'), ...PAYMENT, payment_fail_reason: 'reason' },
  OrderPaymentRefunded: {
    ...at('payment_refunded_at'),
    ...same('payment_id', 'refund_id', 'currency'),
    refunded_minor: 'amount_minor',
    refund_reason: 'reason',
  },
  OrderStatusChangedToPaid: { ...at('paid_at'), ...ORDERING, ...TOTALS, ...same('payment_id') },
  OrderStatusChangedToShipped: {
    ...at('shipped_at'),
    ...ORDERING,
    ...AMOUNT,
    ...same('carrier', 'tracking_number'),
  },
  OrderStatusChangedToCancelled: {
    ...at('cancelled_at'),
    ...ORDERING,
    ...AMOUNT,
    cancel_reason: 'reason',
    cancelled_from: 'previous_status',
    cancelled_by: 'actor_role',
  },
}

/** What an event says about its order; nothing for events that are not about an order's life. */
export function orderSourcesOf(event: EventType): Sources | undefined {
  const own = sources[event]
  return own && { first_event_at: 'occurred_at', last_event_at: 'occurred_at', ...own }
}

/** The dictionary that a column shares with the event columns it is taken from. */
export function dictionaryOf(column: string): string {
  for (const one of Object.values(sources)) if (one[column] !== undefined) return one[column]
  return column
}
