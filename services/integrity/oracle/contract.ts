/**
 * What the design promises, written down anew: the oracle compares the shop with this and never asks the shop's own code what is right.
 */

/** Who must have read every record of a topic, by consumer group. Analytics is judged by its rows, not by what it says it has read. */
export const READERS: Readonly<Record<string, readonly string[]>> = {
  'order-checkouts': ['ordering'],
  orders: ['basket'],
  'grace-period-confirmed': ['ordering'],
  'orders-waiting-for-validation': ['catalog'],
  'order-stock-statuses': ['ordering'],
  'stock-confirmed': ['payment'],
  'payment-status': ['ordering'],
  'paid-orders': ['catalog', 'payment'],
  'cancelled-orders': ['catalog', 'payment'],
  'product-price-changes': ['basket'],
}

/** Topics that ordering alone writes: their events count the order's versions. */
export const ORDERING_TOPICS: ReadonlySet<string> = new Set([
  'orders',
  'submitted-orders',
  'orders-waiting-for-validation',
  'stock-confirmed',
  'paid-orders',
  'shipped-orders',
  'cancelled-orders',
])

/** Every topic of which each record must be in ClickHouse: all but `task-launches`, which asks the scheduler for something and tells of nothing. */
export const TOPICS: readonly string[] = [
  'order-checkouts',
  'orders',
  'submitted-orders',
  'grace-period-confirmed',
  'orders-waiting-for-validation',
  'order-stock-statuses',
  'stock-confirmed',
  'payment-status',
  'paid-orders',
  'shipped-orders',
  'cancelled-orders',
  'product-price-changes',
  'product-stock-changes',
  'task-executions',
]

/** Topics that go on when the customers are gone: schedules fire. Their newest records may be on their way. */
export const RESTLESS: ReadonlySet<string> = new Set(['task-executions'])

/** Which column of ClickHouse's row of an order holds the time of which event. */
export const TIMES: Readonly<Record<string, string>> = {
  UserCheckoutAccepted: 'checked_out_at',
  OrderStarted: 'started_at',
  OrderStatusChangedToSubmitted: 'submitted_at',
  GracePeriodConfirmed: 'grace_confirmed_at',
  OrderStatusChangedToAwaitingValidation: 'awaiting_validation_at',
  OrderStockConfirmed: 'stock_reserved_at',
  OrderStockRejected: 'stock_rejected_at',
  OrderStatusChangedToStockConfirmed: 'stock_confirmed_at',
  OrderPaymentSucceeded: 'payment_succeeded_at',
  OrderPaymentFailed: 'payment_failed_at',
  OrderPaymentRefunded: 'payment_refunded_at',
  OrderStatusChangedToPaid: 'paid_at',
  OrderStatusChangedToShipped: 'shipped_at',
  OrderStatusChangedToCancelled: 'cancelled_at',
}

/** Which step of an order may follow which. The first is `OrderStarted`. */
export const NEXT_STEPS: Readonly<Record<string, readonly string[]>> = {
  OrderStarted: ['OrderStatusChangedToSubmitted', 'OrderStatusChangedToCancelled'],
  OrderStatusChangedToSubmitted: ['OrderStatusChangedToAwaitingValidation', 'OrderStatusChangedToCancelled'],
  OrderStatusChangedToAwaitingValidation: ['OrderStatusChangedToStockConfirmed', 'OrderStatusChangedToCancelled'],
  OrderStatusChangedToStockConfirmed: ['OrderStatusChangedToPaid', 'OrderStatusChangedToCancelled'],
  OrderStatusChangedToPaid: ['OrderStatusChangedToShipped'],
  OrderStatusChangedToShipped: [],
  OrderStatusChangedToCancelled: [],
}

export const STATUS_OF: Readonly<Record<string, string>> = {
  OrderStarted: 'Submitted',
  OrderStatusChangedToSubmitted: 'Submitted',
  OrderStatusChangedToAwaitingValidation: 'AwaitingValidation',
  OrderStatusChangedToStockConfirmed: 'StockConfirmed',
  OrderStatusChangedToPaid: 'Paid',
  OrderStatusChangedToShipped: 'Shipped',
  OrderStatusChangedToCancelled: 'Cancelled',
}

/** An order that stands: its money is ours, its units are sold. */
export function stands(status: string): boolean {
  return status === 'Paid' || status === 'Shipped'
}

export function isFinal(status: string): boolean {
  return stands(status) || status === 'Cancelled'
}
