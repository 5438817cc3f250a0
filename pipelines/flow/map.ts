import { DAY } from '#pipelines/kernel/clock.ts'
import type { EventType } from '#schemas/generated/events.ts'

/**
 * Vocabulary. A *part* is a program with a name in the map. A *topic* carries one or more *event* types under one *key*. A *producer* is the one part that may publish to it, a
 * *consumer* a part that reads it in a consumer group of its own name. `external` marks a producer that is not ours.
 */
export const PARTS = ['basket', 'catalog', 'ordering', 'grace-period', 'payment', 'tasks', 'analytics'] as const
export type Part = (typeof PARTS)[number]

export interface Topic {
  readonly events: readonly EventType[]
  /** The field of every event of the topic that is its record key. */
  readonly key: string
  readonly producer: Part | 'external'
  readonly consumers: readonly Part[]
  /** Milliseconds; absent means unlimited. Stated where a topic holds personal data. */
  readonly retentionMs?: number
  /** What moves this along, for the chart. */
  readonly because: string
}

/** Partitions of every topic. Never changed in place: the partition of a key would move. */
export const PARTITIONS = 6

export const topics = {
  'order-checkouts': {
    events: ['UserCheckoutAccepted'],
    key: 'orderId',
    producer: 'basket',
    consumers: ['ordering', 'analytics'],
    retentionMs: 30 * DAY,
    because: 'a customer checked out',
  },
  orders: {
    events: ['OrderStarted'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['basket', 'analytics'],
    because: 'the order exists, its basket can go',
  },
  'submitted-orders': {
    events: ['OrderStatusChangedToSubmitted'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['analytics'],
    because: 'the grace period begins',
  },
  'grace-period-confirmed': {
    events: ['GracePeriodConfirmed'],
    key: 'orderId',
    producer: 'grace-period',
    consumers: ['ordering', 'analytics'],
    because: 'the grace period is over',
  },
  'orders-waiting-for-validation': {
    events: ['OrderStatusChangedToAwaitingValidation'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['catalog', 'analytics'],
    because: 'stock is asked for',
  },
  'order-stock-statuses': {
    events: ['OrderStockConfirmed', 'OrderStockRejected'],
    key: 'orderId',
    producer: 'catalog',
    consumers: ['ordering', 'analytics'],
    because: 'all lines are reserved, or none',
  },
  'stock-confirmed': {
    events: ['OrderStatusChangedToStockConfirmed'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['payment', 'analytics'],
    retentionMs: 30 * DAY,
    because: 'the payment is due',
  },
  'payment-status': {
    events: ['OrderPaymentSucceeded', 'OrderPaymentFailed', 'OrderPaymentRefunded'],
    key: 'orderId',
    producer: 'payment',
    consumers: ['ordering', 'analytics'],
    because: 'charged once, refused, or given back',
  },
  'paid-orders': {
    events: ['OrderStatusChangedToPaid'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['catalog', 'payment', 'analytics'],
    because: 'the reservation becomes a sale',
  },
  'shipped-orders': {
    events: ['OrderStatusChangedToShipped'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['analytics'],
    because: 'staff shipped it',
  },
  'cancelled-orders': {
    events: ['OrderStatusChangedToCancelled'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['catalog', 'payment', 'analytics'],
    because: 'stock returns, a charge is refunded',
  },
  'product-price-changes': {
    events: ['ProductPriceChanged'],
    key: 'productId',
    producer: 'catalog',
    consumers: ['basket', 'analytics'],
    because: 'a price is new',
  },
  'product-stock-changes': {
    events: ['ProductStockChanged'],
    key: 'productId',
    producer: 'catalog',
    consumers: ['analytics'],
    because: 'stock moved',
  },
  'task-launches': {
    events: ['TaskLaunchRequested'],
    key: 'taskName',
    producer: 'external',
    consumers: ['tasks'],
    because: 'somebody asks for a run',
  },
  'task-executions': {
    events: ['TaskExecutionChanged'],
    key: 'taskName',
    producer: 'tasks',
    consumers: ['analytics'],
    because: 'a run began or ended',
  },
} as const satisfies Record<string, Topic>

export type TopicName = keyof typeof topics
export const topicNames = Object.keys(topics) as readonly TopicName[]
