import type { Address, CancelReason, Channel, Item, PreviousStatus, Sensitive } from '#schemas/generated/events.ts'

/**
 * Vocabulary. A *status* is where an order stands. A *step* is what happened to it: each has the next *version* of the order and is published as one event. An *input* asks
 * for a step: a checkout, somebody's reply, or a command of REST. An *answer* is a step published again for whoever missed it.
 */
export const STATUSES = ['Submitted', 'AwaitingValidation', 'StockConfirmed', 'Paid', 'Shipped', 'Cancelled'] as const
export type Status = (typeof STATUSES)[number]

/** What a customer pays, in minor units of the currency. */
export interface Totals {
  readonly totalMinor: number
  readonly subtotalMinor: number
  readonly discountMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly currency: string
}

export interface Order extends Totals {
  readonly orderId: string
  readonly customerId: string
  /** Epoch milliseconds of the checkout. */
  readonly placedAt: number
  readonly basketId: string
  readonly basketVersion: number
  readonly channel: Channel
  readonly country: string
  readonly items: readonly Item[]
  readonly status: Status
  /** Of the order's last step. Gapless from 1. */
  readonly version: number
  /** Nothing once the order is paid or cancelled: nobody may need it any more. */
  readonly paymentToken: Sensitive<string> | null
}

/** An order as it is first stored. The address is kept for delivery and is no part of any decision. */
export interface NewOrder extends Order {
  readonly address: Address
  readonly graceEndsAt: number
}

/** What is known of a step besides the order. From both the event is made, the first time and every time after. */
export type Happening =
  | { readonly type: 'OrderStarted' }
  | { readonly type: 'OrderStatusChangedToSubmitted'; readonly graceEndsAt: number }
  | { readonly type: 'OrderStatusChangedToAwaitingValidation' }
  | { readonly type: 'OrderStatusChangedToStockConfirmed' }
  | { readonly type: 'OrderStatusChangedToPaid'; readonly paymentId: string }
  | {
      readonly type: 'OrderStatusChangedToShipped'
      readonly carrier: string | null
      readonly trackingNumber: string | null
    }
  | {
      readonly type: 'OrderStatusChangedToCancelled'
      readonly reason: CancelReason
      readonly previousStatus: PreviousStatus
      readonly actorRole: string
      /** For the customer's eyes, in the timeline. Holds nothing personal. */
      readonly because: string | null
    }

export type StepType = Happening['type']

export interface Moment {
  readonly version: number
  /** Epoch milliseconds by the database's clock. */
  readonly occurredAt: number
}

export type Step = Moment & Happening

const STATUS_AFTER = {
  OrderStarted: 'Submitted',
  OrderStatusChangedToSubmitted: 'Submitted',
  OrderStatusChangedToAwaitingValidation: 'AwaitingValidation',
  OrderStatusChangedToStockConfirmed: 'StockConfirmed',
  OrderStatusChangedToPaid: 'Paid',
  OrderStatusChangedToShipped: 'Shipped',
  OrderStatusChangedToCancelled: 'Cancelled',
} as const satisfies Record<StepType, Status>

export function statusAfter(type: StepType): Status {
  return STATUS_AFTER[type]
}

/** The order after a step. The payment token goes as soon as no payment can come any more. */
export function after(order: Order, step: Step): Order {
  const status = statusAfter(step.type)
  const paymentToken = status === 'Paid' || status === 'Shipped' || status === 'Cancelled' ? null : order.paymentToken
  return { ...order, status, version: step.version, paymentToken }
}

/** The next step of an order. */
export function stepOf(order: Order, happening: Happening, occurredAt: number): Step {
  return { ...happening, version: order.version + 1, occurredAt }
}
