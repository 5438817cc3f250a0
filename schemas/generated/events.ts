// Made from schemas/events by `node schemas/generate/main.ts`. Never edited: change an .avsc and run it again.
import type { Sensitive } from '#schemas/codec/sensitive.ts'

export type { Sensitive }
/** RFC 9562, as text with dashes. */
export type Uuid = string
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMillis = number

/** A postal address. */
export interface Address {
  /** Street and house number. */
  readonly street: Sensitive<string>
  /** City or town. */
  readonly city: Sensitive<string>
  /** State, province or region, where addresses have one. */
  readonly state: Sensitive<string> | null
  /** Country as the customer gave it. */
  readonly country: Sensitive<string>
  /** Postal code. */
  readonly zipCode: Sensitive<string>
}

/** Why an order was cancelled. */
export type CancelReason = 'CUSTOMER' | 'STAFF' | 'STOCK' | 'PAYMENT' | 'TIMEOUT' | 'OTHER' | 'UNKNOWN'

/** Where the order came from. */
export type Channel = 'WEB' | 'API' | 'REPLAY' | 'UNKNOWN'

/** How a run stands. */
export type ExecutionStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT' | 'LOST' | 'SKIPPED' | 'UNKNOWN'

/** What started a run. */
export type ExecutionTrigger = 'SCHEDULE' | 'MESSAGE' | 'MANUAL' | 'PARENT' | 'UNKNOWN'

/** One line of an order, as the catalog described and priced it at checkout. */
export interface Item {
  /** Position within the order, from 1. */
  readonly lineNo: number
  /** The product in the catalog. */
  readonly productId: Uuid
  /** Stock keeping unit, the number people use for the product. */
  readonly sku: string
  /** Name of the product at checkout. */
  readonly name: string
  /** Brand of the product at checkout. */
  readonly brand: string
  /** Category of the product at checkout. */
  readonly category: string
  /** Price of one unit in minor units of the order's currency, from the catalog, never from the client. */
  readonly unitPriceMinor: number
  /** Which version of the product's price this is. */
  readonly priceVersion: number
  /** Units ordered, at least 1. */
  readonly quantity: number
}

/** How many units of one product. */
export interface Line {
  /** The product in the catalog. */
  readonly productId: Uuid
  /** Units of it, at least 1. */
  readonly quantity: number
}

/** Why a charge failed. */
export type PaymentFailReason = 'DECLINED' | 'EXPIRED' | 'INSUFFICIENT_FUNDS' | 'PROVIDER_ERROR' | 'UNKNOWN'

/** A status that an order can be cancelled from. */
export type PreviousStatus = 'SUBMITTED' | 'AWAITING_VALIDATION' | 'STOCK_CONFIRMED' | 'UNKNOWN'

/** Why an order that was charged had been cancelled. */
export type RefundReason = 'CUSTOMER' | 'STAFF' | 'STOCK' | 'PAYMENT' | 'TIMEOUT' | 'UNKNOWN'

/** One line that could not be reserved. */
export interface RejectedLine {
  /** The product asked for. */
  readonly productId: Uuid
  /** Units asked for. */
  readonly requested: number
  /** Units that could have been reserved. */
  readonly available: number
  /** Why it could not be reserved. */
  readonly reason: StockRejectReason
}

/** One reserved line and the product's stock after it. */
export interface ReservedLine {
  /** The product in the catalog. */
  readonly productId: Uuid
  /** Units of it, at least 1. */
  readonly quantity: number
  /** Units of the product that can still be reserved, after this. */
  readonly availableAfter: number
  /** Units of the product reserved by all orders, after this. */
  readonly reservedAfter: number
  /** Version of the product's stock that this reservation made. */
  readonly stockVersion: number
}

/** Why stock moved. */
export type StockChangeReason = 'RECEIVED' | 'RESERVED' | 'RELEASED' | 'SOLD' | 'CORRECTED' | 'UNKNOWN'

/** Why a line could not be reserved. */
export type StockRejectReason = 'UNKNOWN_PRODUCT' | 'INSUFFICIENT' | 'DISCONTINUED' | 'UNKNOWN'

/** The grace period of the order is over and the order was not cancelled. Written by the grace-period task. On `grace-period-confirmed`. */
export interface GracePeriodConfirmed {
  readonly type: 'GracePeriodConfirmed'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** Length of the grace period that was applied, in milliseconds. */
  readonly graceMs: number
  /** The task execution that confirmed it. */
  readonly executionId: Uuid
}

/** The provider answered definitely that the order was not charged. Never sent while the outcome is unknown. On `payment-status`. */
export interface OrderPaymentFailed {
  readonly type: 'OrderPaymentFailed'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** The payment, one per order. */
  readonly paymentId: Uuid
  /** The amount in minor units. */
  readonly amountMinor: number
  /** ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** The payment provider that was called. */
  readonly provider: string
  /** Brand of the card if the provider tells, for example visa. */
  readonly cardBrand: string | null
  /** Why the charge failed. */
  readonly reason: PaymentFailReason
  /** Calls to the provider until its definite answer. */
  readonly attempts: number
  /** Time spent waiting for the provider in milliseconds, all calls together. */
  readonly providerMs: number
}

/** A charge was given back, because the order was cancelled. On `payment-status`. */
export interface OrderPaymentRefunded {
  readonly type: 'OrderPaymentRefunded'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** The payment given back. */
  readonly paymentId: Uuid
  /** The refund, one per payment. */
  readonly refundId: Uuid
  /** The amount given back in minor units. */
  readonly amountMinor: number
  /** ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** Why the order had been cancelled. */
  readonly reason: RefundReason
  /** When the charge had been captured. */
  readonly chargedAt: EpochMillis
}

/** The order was charged, once. On `payment-status`. */
export interface OrderPaymentSucceeded {
  readonly type: 'OrderPaymentSucceeded'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** The payment, one per order. */
  readonly paymentId: Uuid
  /** The amount in minor units. */
  readonly amountMinor: number
  /** ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** The payment provider that was called. */
  readonly provider: string
  /** Brand of the card if the provider tells, for example visa. */
  readonly cardBrand: string | null
  /** Calls to the provider until its definite answer. */
  readonly attempts: number
  /** Time spent waiting for the provider in milliseconds, all calls together. */
  readonly providerMs: number
}

/** The order exists; its closed basket can go. Version 1 of every order. On `orders`. */
export interface OrderStarted {
  readonly type: 'OrderStarted'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** The basket that the checkout closed. */
  readonly basketId: Uuid
  /** Version of that basket when it was closed. A later edit belongs to a newer basket. */
  readonly basketVersion: number
}

/** Ordering asks the catalog to reserve all lines or none. On `orders-waiting-for-validation`. */
export interface OrderStatusChangedToAwaitingValidation {
  readonly type: 'OrderStatusChangedToAwaitingValidation'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** What to reserve, one line per line of the order. */
  readonly lines: readonly Line[]
  /** How often ordering has asked for the reservation: 1 the first time, more when it asks again. */
  readonly attempt: number
}

/** The order was cancelled: the catalog gives its reservation back, payment refunds a charge. A final status. On `cancelled-orders`. */
export interface OrderStatusChangedToCancelled {
  readonly type: 'OrderStatusChangedToCancelled'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** Why the order was cancelled. */
  readonly reason: CancelReason
  /** Where the order stood before. */
  readonly previousStatus: PreviousStatus
  /** Role of who cancelled: customer, support, admin, or system. */
  readonly actorRole: string
  /** What the customer pays for the order, in minor units. */
  readonly totalMinor: number
  /** ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** What had been ordered, one line per line of the order. */
  readonly lines: readonly Line[]
}

/** The order is paid: the catalog turns its reservation into a sale. On `paid-orders`. */
export interface OrderStatusChangedToPaid {
  readonly type: 'OrderStatusChangedToPaid'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** What the customer pays, in minor units: subtotal - discount + shipping + tax. */
  readonly totalMinor: number
  /** Sum of unit price times quantity over all items, in minor units. */
  readonly subtotalMinor: number
  /** Taken off the subtotal, in minor units, as a positive number. */
  readonly discountMinor: number
  /** Added for the delivery, in minor units. */
  readonly shippingMinor: number
  /** Added as tax, in minor units. 0 where prices include it. */
  readonly taxMinor: number
  /** ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** The payment that covered it. */
  readonly paymentId: Uuid
  /** What was sold, one line per line of the order. */
  readonly lines: readonly Line[]
}

/** Staff shipped the order. A final status. On `shipped-orders`. */
export interface OrderStatusChangedToShipped {
  readonly type: 'OrderStatusChangedToShipped'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** What the customer pays for the order, in minor units. */
  readonly totalMinor: number
  /** ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** Who carries the parcel, if told. */
  readonly carrier: string | null
  /** The carrier's number of the parcel, if told. */
  readonly trackingNumber: string | null
}

/** The stock is reserved and the payment is due: payment charges the order once. On `stock-confirmed`. */
export interface OrderStatusChangedToStockConfirmed {
  readonly type: 'OrderStatusChangedToStockConfirmed'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** What the customer pays for the order, in minor units. */
  readonly totalMinor: number
  /** ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** Token of the payment provider (tok_…) to charge. Never a card number. */
  readonly paymentToken: Sensitive<string>
  /** How often ordering has asked for the payment: 1 the first time, more when it asks again. */
  readonly attempt: number
}

/** The order was submitted and its grace period runs: the customer can still cancel before anything is reserved. Version 2 of every order. On `submitted-orders`. */
export interface OrderStatusChangedToSubmitted {
  readonly type: 'OrderStatusChangedToSubmitted'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** Counts ordering's events of this order without a gap, from 1 (OrderStarted). The same in a repetition. */
  readonly version: number
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** When the customer checked out. */
  readonly placedAt: EpochMillis
  /** What the customer pays, in minor units: subtotal - discount + shipping + tax. */
  readonly totalMinor: number
  /** Sum of unit price times quantity over all items, in minor units. */
  readonly subtotalMinor: number
  /** Taken off the subtotal, in minor units, as a positive number. */
  readonly discountMinor: number
  /** Added for the delivery, in minor units. */
  readonly shippingMinor: number
  /** Added as tax, in minor units. 0 where prices include it. */
  readonly taxMinor: number
  /** ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** All lines of the order in their order, at least one. */
  readonly items: readonly Item[]
  /** Number of lines. */
  readonly itemCount: number
  /** Sum of the quantities of all lines. */
  readonly unitCount: number
  /** Country of delivery, the one part of the address that leaves ordering. */
  readonly country: string
  /** Where the order came from: the web shop, the API, or a replayed order history. */
  readonly channel: Channel
  /** When the grace period ends. */
  readonly graceEndsAt: EpochMillis
}

/** All lines of the order are reserved. On `order-stock-statuses`. */
export interface OrderStockConfirmed {
  readonly type: 'OrderStockConfirmed'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** What was reserved, one line per line asked for. */
  readonly lines: readonly ReservedLine[]
}

/** Nothing is reserved, because at least one line could not be. On `order-stock-statuses`. */
export interface OrderStockRejected {
  readonly type: 'OrderStockRejected'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The version of the ordering event this answers. */
  readonly orderVersion: number
  /** The lines that could not be reserved. The others are not listed. */
  readonly lines: readonly RejectedLine[]
}

/** A product has a new price. A new product publishes its first price too. On `product-price-changes`. */
export interface ProductPriceChanged {
  readonly type: 'ProductPriceChanged'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The product. The record key. */
  readonly productId: Uuid
  /** Stock keeping unit, the number people use for the product. */
  readonly sku: string
  /** Name of the product at this time. */
  readonly name: string
  /** Brand of the product at this time. */
  readonly brand: string
  /** Category of the product at this time. */
  readonly category: string
  /** Counts the prices of this product, from 1 for a new product. The greater one is the newer price. */
  readonly priceVersion: number
  /** The price before in minor units, null for a new product. */
  readonly oldPriceMinor: number | null
  /** The price from now on in minor units. */
  readonly newPriceMinor: number
  /** ISO 4217 code of both prices, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
}

/** The stock of a product moved. One event per row of the stock ledger. On `product-stock-changes`. */
export interface ProductStockChanged {
  readonly type: 'ProductStockChanged'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The product. The record key. */
  readonly productId: Uuid
  /** Counts the movements of this product, from 1. The greater one is the newer stock. */
  readonly stockVersion: number
  /** Units that can be reserved, after the movement. */
  readonly available: number
  /** Units reserved by orders that are not paid yet, after the movement. */
  readonly reserved: number
  /** Signed change of the available units; when the reason is SOLD, of the reserved units. */
  readonly delta: number
  /** Why it moved. */
  readonly reason: StockChangeReason
  /** The order that moved it, null for a delivery or a correction. */
  readonly orderId: Uuid | null
}

/** A run of a task began, ended, or changed otherwise. On `task-executions`. */
export interface TaskExecutionChanged {
  readonly type: 'TaskExecutionChanged'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The run of the task, one process from start to end. */
  readonly executionId: Uuid
  /** Counts the changes of this run, from 1. The greater one is the newer state. */
  readonly version: number
  /** Which task runs. The record key. */
  readonly taskName: string
  /** How the run stands. LOST: its heartbeat stopped. SKIPPED: another run of a single-instance task was going on. */
  readonly status: ExecutionStatus
  /** What started the run. */
  readonly trigger: ExecutionTrigger
  /** Which attempt at the same work this is, from 1. */
  readonly attempt: number
  /** When it started, null while it is queued or if it never ran. */
  readonly startedAt: EpochMillis | null
  /** When it ended, null while it has not. */
  readonly endedAt: EpochMillis | null
  /** Exit code of its process, null while it has none. */
  readonly exitCode: number | null
  /** What the run says about its end, for people. */
  readonly message: string | null
  /** The run that started this one, null if none did. */
  readonly parentId: Uuid | null
}

/** Somebody asks for one run of a task. Run once per requestId, however often it is delivered. On `task-launches`. */
export interface TaskLaunchRequested {
  readonly type: 'TaskLaunchRequested'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** Names the request. */
  readonly requestId: Uuid
  /** Which task to run, for example grace-period. The record key. */
  readonly taskName: string
  /** Arguments of the run as a JSON object, {} for none. */
  readonly arguments: string
  /** Who asks: an opaque subject or the name of a program. */
  readonly requestedBy: string
}

/** A customer checked out a basket; ordering makes the order of it. Sent again with a new eventId while no order is seen. On `order-checkouts`. */
export interface UserCheckoutAccepted {
  readonly type: 'UserCheckoutAccepted'
  /** Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one. */
  readonly eventId: Uuid
  /** When it happened, by the clock of the producer's database. It orders nothing: use the version. */
  readonly occurredAt: EpochMillis
  /** The order, made once at checkout (UUIDv7). The record key. */
  readonly orderId: Uuid
  /** The customer as an opaque subject of the token issuer, never an e-mail address. */
  readonly customerId: string
  /** The basket that the checkout closed. */
  readonly basketId: Uuid
  /** Version of that basket when it was closed. A later edit belongs to a newer basket. */
  readonly basketVersion: number
  /** What the customer pays, in minor units: subtotal - discount + shipping + tax. */
  readonly totalMinor: number
  /** Sum of unit price times quantity over all items, in minor units. */
  readonly subtotalMinor: number
  /** Taken off the subtotal, in minor units, as a positive number. */
  readonly discountMinor: number
  /** Added for the delivery, in minor units. */
  readonly shippingMinor: number
  /** Added as tax, in minor units. 0 where prices include it. */
  readonly taxMinor: number
  /** ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none). */
  readonly currency: string
  /** All lines of the order in their order, at least one. */
  readonly items: readonly Item[]
  /** Where to deliver. Personal data. */
  readonly address: Address
  /** Token of the payment provider (tok_…) that stands for the customer's means of payment. Never a card number. */
  readonly paymentToken: Sensitive<string>
  /** Brand of the card if known, for example visa. */
  readonly cardBrand: string | null
  /** Last four digits of the card if known, to be shown to the customer. */
  readonly cardLast4: string | null
  /** Where the order came from: the web shop, the API, or a replayed order history. */
  readonly channel: Channel
}

export type ShopEvent =
  | GracePeriodConfirmed
  | OrderPaymentFailed
  | OrderPaymentRefunded
  | OrderPaymentSucceeded
  | OrderStarted
  | OrderStatusChangedToAwaitingValidation
  | OrderStatusChangedToCancelled
  | OrderStatusChangedToPaid
  | OrderStatusChangedToShipped
  | OrderStatusChangedToStockConfirmed
  | OrderStatusChangedToSubmitted
  | OrderStockConfirmed
  | OrderStockRejected
  | ProductPriceChanged
  | ProductStockChanged
  | TaskExecutionChanged
  | TaskLaunchRequested
  | UserCheckoutAccepted

/** By event, the fields that have a default in the schema. */
export interface FieldsWithDefault {
  GracePeriodConfirmed: never
  OrderPaymentFailed: 'cardBrand'
  OrderPaymentRefunded: never
  OrderPaymentSucceeded: 'cardBrand'
  OrderStarted: never
  OrderStatusChangedToAwaitingValidation: 'attempt'
  OrderStatusChangedToCancelled: never
  OrderStatusChangedToPaid: 'discountMinor' | 'shippingMinor' | 'taxMinor'
  OrderStatusChangedToShipped: 'carrier' | 'trackingNumber'
  OrderStatusChangedToStockConfirmed: 'attempt'
  OrderStatusChangedToSubmitted: 'discountMinor' | 'shippingMinor' | 'taxMinor'
  OrderStockConfirmed: never
  OrderStockRejected: never
  ProductPriceChanged: 'oldPriceMinor'
  ProductStockChanged: 'orderId'
  TaskExecutionChanged: 'startedAt' | 'endedAt' | 'exitCode' | 'message' | 'parentId'
  TaskLaunchRequested: never
  UserCheckoutAccepted: 'discountMinor' | 'shippingMinor' | 'taxMinor' | 'cardBrand' | 'cardLast4'
}

export type EventType = ShopEvent['type']
export type EventOf<T extends EventType> = Extract<ShopEvent, { readonly type: T }>

/** An event to publish: fields that have a default in the schema may be left out. Nested records are given whole. */
export type EventInput<T extends EventType = EventType> = T extends EventType
  ? Omit<EventOf<T>, FieldsWithDefault[T]> & Partial<Pick<EventOf<T>, FieldsWithDefault[T] & keyof EventOf<T>>>
  : never

export interface EventSchema {
  /** The topic that carries the event. */
  readonly topic: string
  /** Namespace and name of the Avro record. */
  readonly fullName: string
  /** The Avro schema as JSON text, as it is registered. */
  readonly schema: string
  /** Where it holds personal data or means of payment, for example `['address', 'paymentToken']`; `[]` stands for array elements. */
  readonly sensitivePaths: readonly string[]
}

export const eventSchemas = {
  GracePeriodConfirmed: {
    topic: 'grace-period-confirmed',
    fullName: 'eshop.ordering.GracePeriodConfirmed',
    schema: '{"type":"record","name":"GracePeriodConfirmed","namespace":"eshop.ordering","aliases":["GracePeriodConfirmedIntegrationEvent"],"doc":"The grace period of the order is over and the order was not cancelled. Written by the grace-period task.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"graceMs","type":"long","doc":"Length of the grace period that was applied, in milliseconds."},{"name":"executionId","type":{"type":"string","logicalType":"uuid"},"doc":"The task execution that confirmed it."}]}',
    sensitivePaths: [],
  },
  OrderPaymentFailed: {
    topic: 'payment-status',
    fullName: 'eshop.payment.OrderPaymentFailed',
    schema: '{"type":"record","name":"OrderPaymentFailed","namespace":"eshop.payment","aliases":["OrderPaymentFailedIntegrationEvent"],"doc":"The provider answered definitely that the order was not charged. Never sent while the outcome is unknown.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"paymentId","type":{"type":"string","logicalType":"uuid"},"doc":"The payment, one per order."},{"name":"amountMinor","type":"long","doc":"The amount in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"provider","type":"string","doc":"The payment provider that was called."},{"name":"cardBrand","type":["null","string"],"default":null,"doc":"Brand of the card if the provider tells, for example visa."},{"name":"reason","type":{"type":"enum","name":"PaymentFailReason","doc":"Why a charge failed.","symbols":["DECLINED","EXPIRED","INSUFFICIENT_FUNDS","PROVIDER_ERROR","UNKNOWN"],"default":"UNKNOWN"},"doc":"Why the charge failed."},{"name":"attempts","type":"int","doc":"Calls to the provider until its definite answer."},{"name":"providerMs","type":"long","doc":"Time spent waiting for the provider in milliseconds, all calls together."}]}',
    sensitivePaths: [],
  },
  OrderPaymentRefunded: {
    topic: 'payment-status',
    fullName: 'eshop.payment.OrderPaymentRefunded',
    schema: '{"type":"record","name":"OrderPaymentRefunded","namespace":"eshop.payment","doc":"A charge was given back, because the order was cancelled.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"paymentId","type":{"type":"string","logicalType":"uuid"},"doc":"The payment given back."},{"name":"refundId","type":{"type":"string","logicalType":"uuid"},"doc":"The refund, one per payment."},{"name":"amountMinor","type":"long","doc":"The amount given back in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"reason","type":{"type":"enum","name":"RefundReason","doc":"Why an order that was charged had been cancelled.","symbols":["CUSTOMER","STAFF","STOCK","PAYMENT","TIMEOUT","UNKNOWN"],"default":"UNKNOWN"},"doc":"Why the order had been cancelled."},{"name":"chargedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the charge had been captured."}]}',
    sensitivePaths: [],
  },
  OrderPaymentSucceeded: {
    topic: 'payment-status',
    fullName: 'eshop.payment.OrderPaymentSucceeded',
    schema: '{"type":"record","name":"OrderPaymentSucceeded","namespace":"eshop.payment","aliases":["OrderPaymentSucceededIntegrationEvent"],"doc":"The order was charged, once.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"paymentId","type":{"type":"string","logicalType":"uuid"},"doc":"The payment, one per order."},{"name":"amountMinor","type":"long","doc":"The amount in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the amount, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"provider","type":"string","doc":"The payment provider that was called."},{"name":"cardBrand","type":["null","string"],"default":null,"doc":"Brand of the card if the provider tells, for example visa."},{"name":"attempts","type":"int","doc":"Calls to the provider until its definite answer."},{"name":"providerMs","type":"long","doc":"Time spent waiting for the provider in milliseconds, all calls together."}]}',
    sensitivePaths: [],
  },
  OrderStarted: {
    topic: 'orders',
    fullName: 'eshop.ordering.OrderStarted',
    schema: '{"type":"record","name":"OrderStarted","namespace":"eshop.ordering","aliases":["OrderStartedIntegrationEvent"],"doc":"The order exists; its closed basket can go. Version 1 of every order.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"basketId","type":{"type":"string","logicalType":"uuid"},"doc":"The basket that the checkout closed."},{"name":"basketVersion","type":"int","doc":"Version of that basket when it was closed. A later edit belongs to a newer basket."}]}',
    sensitivePaths: [],
  },
  OrderStatusChangedToAwaitingValidation: {
    topic: 'orders-waiting-for-validation',
    fullName: 'eshop.ordering.OrderStatusChangedToAwaitingValidation',
    schema: '{"type":"record","name":"OrderStatusChangedToAwaitingValidation","namespace":"eshop.ordering","aliases":["OrderStatusChangedToAwaitingValidationIntegrationEvent"],"doc":"Ordering asks the catalog to reserve all lines or none.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","doc":"How many units of one product.","fields":[{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"quantity","type":"int","doc":"Units of it, at least 1."}]}},"doc":"What to reserve, one line per line of the order."},{"name":"attempt","type":"int","default":1,"doc":"How often ordering has asked for the reservation: 1 the first time, more when it asks again."}]}',
    sensitivePaths: [],
  },
  OrderStatusChangedToCancelled: {
    topic: 'cancelled-orders',
    fullName: 'eshop.ordering.OrderStatusChangedToCancelled',
    schema: '{"type":"record","name":"OrderStatusChangedToCancelled","namespace":"eshop.ordering","aliases":["OrderStatusChangedToCancelledIntegrationEvent"],"doc":"The order was cancelled: the catalog gives its reservation back, payment refunds a charge. A final status.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"reason","type":{"type":"enum","name":"CancelReason","doc":"Why an order was cancelled.","symbols":["CUSTOMER","STAFF","STOCK","PAYMENT","TIMEOUT","OTHER","UNKNOWN"],"default":"UNKNOWN"},"doc":"Why the order was cancelled."},{"name":"previousStatus","type":{"type":"enum","name":"PreviousStatus","doc":"A status that an order can be cancelled from.","symbols":["SUBMITTED","AWAITING_VALIDATION","STOCK_CONFIRMED","UNKNOWN"],"default":"UNKNOWN"},"doc":"Where the order stood before."},{"name":"actorRole","type":"string","doc":"Role of who cancelled: customer, support, admin, or system."},{"name":"totalMinor","type":"long","doc":"What the customer pays for the order, in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","doc":"How many units of one product.","fields":[{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"quantity","type":"int","doc":"Units of it, at least 1."}]}},"doc":"What had been ordered, one line per line of the order."}]}',
    sensitivePaths: [],
  },
  OrderStatusChangedToPaid: {
    topic: 'paid-orders',
    fullName: 'eshop.ordering.OrderStatusChangedToPaid',
    schema: '{"type":"record","name":"OrderStatusChangedToPaid","namespace":"eshop.ordering","aliases":["OrderStatusChangedToPaidIntegrationEvent"],"doc":"The order is paid: the catalog turns its reservation into a sale.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"totalMinor","type":"long","doc":"What the customer pays, in minor units: subtotal - discount + shipping + tax."},{"name":"subtotalMinor","type":"long","doc":"Sum of unit price times quantity over all items, in minor units."},{"name":"discountMinor","type":"long","default":0,"doc":"Taken off the subtotal, in minor units, as a positive number."},{"name":"shippingMinor","type":"long","default":0,"doc":"Added for the delivery, in minor units."},{"name":"taxMinor","type":"long","default":0,"doc":"Added as tax, in minor units. 0 where prices include it."},{"name":"currency","type":"string","doc":"ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"paymentId","type":{"type":"string","logicalType":"uuid"},"doc":"The payment that covered it."},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","doc":"How many units of one product.","fields":[{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"quantity","type":"int","doc":"Units of it, at least 1."}]}},"doc":"What was sold, one line per line of the order."}]}',
    sensitivePaths: [],
  },
  OrderStatusChangedToShipped: {
    topic: 'shipped-orders',
    fullName: 'eshop.ordering.OrderStatusChangedToShipped',
    schema: '{"type":"record","name":"OrderStatusChangedToShipped","namespace":"eshop.ordering","aliases":["OrderStatusChangedToShippedIntegrationEvent"],"doc":"Staff shipped the order. A final status.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"totalMinor","type":"long","doc":"What the customer pays for the order, in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"carrier","type":["null","string"],"default":null,"doc":"Who carries the parcel, if told."},{"name":"trackingNumber","type":["null","string"],"default":null,"doc":"The carrier\'s number of the parcel, if told."}]}',
    sensitivePaths: [],
  },
  OrderStatusChangedToStockConfirmed: {
    topic: 'stock-confirmed',
    fullName: 'eshop.ordering.OrderStatusChangedToStockConfirmed',
    schema: '{"type":"record","name":"OrderStatusChangedToStockConfirmed","namespace":"eshop.ordering","aliases":["OrderStatusChangedToStockConfirmedIntegrationEvent"],"doc":"The stock is reserved and the payment is due: payment charges the order once.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"totalMinor","type":"long","doc":"What the customer pays for the order, in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of the total, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"paymentToken","type":"string","x-sensitive":true,"doc":"Token of the payment provider (tok_…) to charge. Never a card number."},{"name":"attempt","type":"int","default":1,"doc":"How often ordering has asked for the payment: 1 the first time, more when it asks again."}]}',
    sensitivePaths: ['paymentToken'],
  },
  OrderStatusChangedToSubmitted: {
    topic: 'submitted-orders',
    fullName: 'eshop.ordering.OrderStatusChangedToSubmitted',
    schema: '{"type":"record","name":"OrderStatusChangedToSubmitted","namespace":"eshop.ordering","aliases":["OrderStatusChangedToSubmittedIntegrationEvent"],"doc":"The order was submitted and its grace period runs: the customer can still cancel before anything is reserved. Version 2 of every order.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"version","type":"int","doc":"Counts ordering\'s events of this order without a gap, from 1 (OrderStarted). The same in a repetition."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer checked out."},{"name":"totalMinor","type":"long","doc":"What the customer pays, in minor units: subtotal - discount + shipping + tax."},{"name":"subtotalMinor","type":"long","doc":"Sum of unit price times quantity over all items, in minor units."},{"name":"discountMinor","type":"long","default":0,"doc":"Taken off the subtotal, in minor units, as a positive number."},{"name":"shippingMinor","type":"long","default":0,"doc":"Added for the delivery, in minor units."},{"name":"taxMinor","type":"long","default":0,"doc":"Added as tax, in minor units. 0 where prices include it."},{"name":"currency","type":"string","doc":"ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"items","type":{"type":"array","items":{"type":"record","name":"Item","doc":"One line of an order, as the catalog described and priced it at checkout.","fields":[{"name":"lineNo","type":"int","doc":"Position within the order, from 1."},{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"sku","type":"string","doc":"Stock keeping unit, the number people use for the product."},{"name":"name","type":"string","doc":"Name of the product at checkout."},{"name":"brand","type":"string","doc":"Brand of the product at checkout."},{"name":"category","type":"string","doc":"Category of the product at checkout."},{"name":"unitPriceMinor","type":"long","doc":"Price of one unit in minor units of the order\'s currency, from the catalog, never from the client."},{"name":"priceVersion","type":"int","doc":"Which version of the product\'s price this is."},{"name":"quantity","type":"int","doc":"Units ordered, at least 1."}]}},"doc":"All lines of the order in their order, at least one."},{"name":"itemCount","type":"int","doc":"Number of lines."},{"name":"unitCount","type":"long","doc":"Sum of the quantities of all lines."},{"name":"country","type":"string","doc":"Country of delivery, the one part of the address that leaves ordering."},{"name":"channel","type":{"type":"enum","name":"Channel","doc":"Where the order came from.","symbols":["WEB","API","REPLAY","UNKNOWN"],"default":"UNKNOWN"},"doc":"Where the order came from: the web shop, the API, or a replayed order history."},{"name":"graceEndsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the grace period ends."}]}',
    sensitivePaths: [],
  },
  OrderStockConfirmed: {
    topic: 'order-stock-statuses',
    fullName: 'eshop.catalog.OrderStockConfirmed',
    schema: '{"type":"record","name":"OrderStockConfirmed","namespace":"eshop.catalog","aliases":["OrderStockConfirmedIntegrationEvent"],"doc":"All lines of the order are reserved.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"ReservedLine","doc":"One reserved line and the product\'s stock after it.","fields":[{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"quantity","type":"int","doc":"Units of it, at least 1."},{"name":"availableAfter","type":"long","doc":"Units of the product that can still be reserved, after this."},{"name":"reservedAfter","type":"long","doc":"Units of the product reserved by all orders, after this."},{"name":"stockVersion","type":"long","doc":"Version of the product\'s stock that this reservation made."}]}},"doc":"What was reserved, one line per line asked for."}]}',
    sensitivePaths: [],
  },
  OrderStockRejected: {
    topic: 'order-stock-statuses',
    fullName: 'eshop.catalog.OrderStockRejected',
    schema: '{"type":"record","name":"OrderStockRejected","namespace":"eshop.catalog","aliases":["OrderStockRejectedIntegrationEvent"],"doc":"Nothing is reserved, because at least one line could not be.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"orderVersion","type":"int","doc":"The version of the ordering event this answers."},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"RejectedLine","doc":"One line that could not be reserved.","fields":[{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product asked for."},{"name":"requested","type":"int","doc":"Units asked for."},{"name":"available","type":"int","doc":"Units that could have been reserved."},{"name":"reason","type":{"type":"enum","name":"StockRejectReason","doc":"Why a line could not be reserved.","symbols":["UNKNOWN_PRODUCT","INSUFFICIENT","DISCONTINUED","UNKNOWN"],"default":"UNKNOWN"},"doc":"Why it could not be reserved."}]}},"doc":"The lines that could not be reserved. The others are not listed."}]}',
    sensitivePaths: [],
  },
  ProductPriceChanged: {
    topic: 'product-price-changes',
    fullName: 'eshop.catalog.ProductPriceChanged',
    schema: '{"type":"record","name":"ProductPriceChanged","namespace":"eshop.catalog","aliases":["ProductPriceChangedIntegrationEvent"],"doc":"A product has a new price. A new product publishes its first price too.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product. The record key."},{"name":"sku","type":"string","doc":"Stock keeping unit, the number people use for the product."},{"name":"name","type":"string","doc":"Name of the product at this time."},{"name":"brand","type":"string","doc":"Brand of the product at this time."},{"name":"category","type":"string","doc":"Category of the product at this time."},{"name":"priceVersion","type":"int","doc":"Counts the prices of this product, from 1 for a new product. The greater one is the newer price."},{"name":"oldPriceMinor","type":["null","long"],"default":null,"doc":"The price before in minor units, null for a new product."},{"name":"newPriceMinor","type":"long","doc":"The price from now on in minor units."},{"name":"currency","type":"string","doc":"ISO 4217 code of both prices, for example EUR. It decides the digits of the minor unit (JPY has none)."}]}',
    sensitivePaths: [],
  },
  ProductStockChanged: {
    topic: 'product-stock-changes',
    fullName: 'eshop.catalog.ProductStockChanged',
    schema: '{"type":"record","name":"ProductStockChanged","namespace":"eshop.catalog","doc":"The stock of a product moved. One event per row of the stock ledger.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product. The record key."},{"name":"stockVersion","type":"long","doc":"Counts the movements of this product, from 1. The greater one is the newer stock."},{"name":"available","type":"long","doc":"Units that can be reserved, after the movement."},{"name":"reserved","type":"long","doc":"Units reserved by orders that are not paid yet, after the movement."},{"name":"delta","type":"long","doc":"Signed change of the available units; when the reason is SOLD, of the reserved units."},{"name":"reason","type":{"type":"enum","name":"StockChangeReason","doc":"Why stock moved.","symbols":["RECEIVED","RESERVED","RELEASED","SOLD","CORRECTED","UNKNOWN"],"default":"UNKNOWN"},"doc":"Why it moved."},{"name":"orderId","type":["null",{"type":"string","logicalType":"uuid"}],"default":null,"doc":"The order that moved it, null for a delivery or a correction."}]}',
    sensitivePaths: [],
  },
  TaskExecutionChanged: {
    topic: 'task-executions',
    fullName: 'eshop.tasks.TaskExecutionChanged',
    schema: '{"type":"record","name":"TaskExecutionChanged","namespace":"eshop.tasks","doc":"A run of a task began, ended, or changed otherwise.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"executionId","type":{"type":"string","logicalType":"uuid"},"doc":"The run of the task, one process from start to end."},{"name":"version","type":"int","doc":"Counts the changes of this run, from 1. The greater one is the newer state."},{"name":"taskName","type":"string","doc":"Which task runs. The record key."},{"name":"status","type":{"type":"enum","name":"ExecutionStatus","doc":"How a run stands.","symbols":["QUEUED","RUNNING","SUCCEEDED","FAILED","CANCELLED","TIMED_OUT","LOST","SKIPPED","UNKNOWN"],"default":"UNKNOWN"},"doc":"How the run stands. LOST: its heartbeat stopped. SKIPPED: another run of a single-instance task was going on."},{"name":"trigger","type":{"type":"enum","name":"ExecutionTrigger","doc":"What started a run.","symbols":["SCHEDULE","MESSAGE","MANUAL","PARENT","UNKNOWN"],"default":"UNKNOWN"},"doc":"What started the run."},{"name":"attempt","type":"int","doc":"Which attempt at the same work this is, from 1."},{"name":"startedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it started, null while it is queued or if it never ran."},{"name":"endedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it ended, null while it has not."},{"name":"exitCode","type":["null","int"],"default":null,"doc":"Exit code of its process, null while it has none."},{"name":"message","type":["null","string"],"default":null,"doc":"What the run says about its end, for people."},{"name":"parentId","type":["null",{"type":"string","logicalType":"uuid"}],"default":null,"doc":"The run that started this one, null if none did."}]}',
    sensitivePaths: [],
  },
  TaskLaunchRequested: {
    topic: 'task-launches',
    fullName: 'eshop.tasks.TaskLaunchRequested',
    schema: '{"type":"record","name":"TaskLaunchRequested","namespace":"eshop.tasks","doc":"Somebody asks for one run of a task. Run once per requestId, however often it is delivered.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"requestId","type":{"type":"string","logicalType":"uuid"},"doc":"Names the request."},{"name":"taskName","type":"string","doc":"Which task to run, for example grace-period. The record key."},{"name":"arguments","type":"string","doc":"Arguments of the run as a JSON object, {} for none."},{"name":"requestedBy","type":"string","doc":"Who asks: an opaque subject or the name of a program."}]}',
    sensitivePaths: [],
  },
  UserCheckoutAccepted: {
    topic: 'order-checkouts',
    fullName: 'eshop.basket.UserCheckoutAccepted',
    schema: '{"type":"record","name":"UserCheckoutAccepted","namespace":"eshop.basket","aliases":["UserCheckoutAcceptedIntegrationEvent"],"doc":"A customer checked out a basket; ordering makes the order of it. Sent again with a new eventId while no order is seen.","fields":[{"name":"eventId","type":{"type":"string","logicalType":"uuid"},"doc":"Names this publication of the event, UUIDv7. A consumer that has seen it does nothing; an event sent again on purpose has a new one."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, by the clock of the producer\'s database. It orders nothing: use the version."},{"name":"orderId","type":{"type":"string","logicalType":"uuid"},"doc":"The order, made once at checkout (UUIDv7). The record key."},{"name":"customerId","type":"string","doc":"The customer as an opaque subject of the token issuer, never an e-mail address."},{"name":"basketId","type":{"type":"string","logicalType":"uuid"},"doc":"The basket that the checkout closed."},{"name":"basketVersion","type":"int","doc":"Version of that basket when it was closed. A later edit belongs to a newer basket."},{"name":"totalMinor","type":"long","doc":"What the customer pays, in minor units: subtotal - discount + shipping + tax."},{"name":"subtotalMinor","type":"long","doc":"Sum of unit price times quantity over all items, in minor units."},{"name":"discountMinor","type":"long","default":0,"doc":"Taken off the subtotal, in minor units, as a positive number."},{"name":"shippingMinor","type":"long","default":0,"doc":"Added for the delivery, in minor units."},{"name":"taxMinor","type":"long","default":0,"doc":"Added as tax, in minor units. 0 where prices include it."},{"name":"currency","type":"string","doc":"ISO 4217 code of all amounts, for example EUR. It decides the digits of the minor unit (JPY has none)."},{"name":"items","type":{"type":"array","items":{"type":"record","name":"Item","doc":"One line of an order, as the catalog described and priced it at checkout.","fields":[{"name":"lineNo","type":"int","doc":"Position within the order, from 1."},{"name":"productId","type":{"type":"string","logicalType":"uuid"},"doc":"The product in the catalog."},{"name":"sku","type":"string","doc":"Stock keeping unit, the number people use for the product."},{"name":"name","type":"string","doc":"Name of the product at checkout."},{"name":"brand","type":"string","doc":"Brand of the product at checkout."},{"name":"category","type":"string","doc":"Category of the product at checkout."},{"name":"unitPriceMinor","type":"long","doc":"Price of one unit in minor units of the order\'s currency, from the catalog, never from the client."},{"name":"priceVersion","type":"int","doc":"Which version of the product\'s price this is."},{"name":"quantity","type":"int","doc":"Units ordered, at least 1."}]}},"doc":"All lines of the order in their order, at least one."},{"name":"address","type":{"type":"record","name":"Address","doc":"A postal address.","fields":[{"name":"street","type":"string","x-sensitive":true,"doc":"Street and house number."},{"name":"city","type":"string","x-sensitive":true,"doc":"City or town."},{"name":"state","type":["null","string"],"default":null,"x-sensitive":true,"doc":"State, province or region, where addresses have one."},{"name":"country","type":"string","x-sensitive":true,"doc":"Country as the customer gave it."},{"name":"zipCode","type":"string","x-sensitive":true,"doc":"Postal code."}]},"x-sensitive":true,"doc":"Where to deliver. Personal data."},{"name":"paymentToken","type":"string","x-sensitive":true,"doc":"Token of the payment provider (tok_…) that stands for the customer\'s means of payment. Never a card number."},{"name":"cardBrand","type":["null","string"],"default":null,"doc":"Brand of the card if known, for example visa."},{"name":"cardLast4","type":["null","string"],"default":null,"doc":"Last four digits of the card if known, to be shown to the customer."},{"name":"channel","type":{"type":"enum","name":"Channel","doc":"Where the order came from.","symbols":["WEB","API","REPLAY","UNKNOWN"],"default":"UNKNOWN"},"doc":"Where the order came from: the web shop, the API, or a replayed order history."}]}',
    sensitivePaths: ['address', 'paymentToken'],
  },
} as const satisfies Readonly<Record<EventType, EventSchema>>

export const eventTypes = Object.keys(eventSchemas) as readonly EventType[]
