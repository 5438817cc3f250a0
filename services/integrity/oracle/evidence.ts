/**
 * Vocabulary. *Evidence* is everything that the shop's stores say, read raw, and what its clients were told. A *finding* is one thing in it
 * that must not be. An *invariant* names one kind of finding.
 */
export interface Evidence {
  readonly clients: ClientHistory
  readonly basket: BasketTables
  readonly ordering: OrderingTables
  readonly catalog: CatalogTables
  readonly payment: PaymentTables
  /** The outboxes' rows, as far as they are still kept. */
  readonly outbox: readonly OutboxRow[]
  readonly deadLetters: readonly DeadLetterRow[]
  /** Every record of every topic, in order per partition. */
  readonly records: readonly LogRecord[]
  readonly lag: readonly Lag[]
  readonly clickhouse: ClickHouseRows
}

/** What clients were told, and remember. */
export interface ClientHistory {
  /** Checkouts answered with 202. */
  readonly accepted: readonly { readonly orderId: string; readonly customer: string; readonly cancelled: boolean }[]
  /** Checkouts that got no answer in spite of all repeats: each may have become one order. */
  readonly unanswered: readonly { readonly customer: string }[]
  /** What a customer put into a new basket after the last checkout, answered with 200, and never touched again. */
  readonly kept: readonly { readonly customer: string; readonly productId: string; readonly quantity: number }[]
  /** How every customer of this history is called; others are none of ours. */
  readonly isOurs: (customer: string) => boolean
  /** Answers that a client must never see: 5xx apart from 503. */
  readonly broken: readonly { readonly call: string; readonly status: number }[]
}

export const NO_CLIENTS: ClientHistory = { accepted: [], unanswered: [], kept: [], isOurs: () => false, broken: [] }

export interface BasketTables {
  readonly checkouts: readonly {
    readonly orderId: string
    readonly customerId: string
    readonly basketId: string
    readonly status: string
    readonly totalMinor: number
    readonly unitCount: number
  }[]
  readonly open: readonly {
    readonly customerId: string
    readonly lines: readonly { readonly productId: string; readonly quantity: number }[]
  }[]
  /** Answers kept under idempotency keys: which key made which order. */
  readonly keys: readonly { readonly subject: string; readonly key: string; readonly orderId: string }[]
}

export interface OrderRow {
  readonly orderId: string
  readonly customerId: string
  readonly basketId: string
  readonly status: string
  readonly version: number
  readonly totalMinor: number
  readonly currency: string
  readonly unitCount: number
  /** Seconds since its status changed. */
  readonly sinceS: number
}

export interface StepRow {
  readonly orderId: string
  readonly version: number
  readonly type: string
  readonly occurredAt: number
  readonly facts: Readonly<Record<string, unknown>>
}

export interface OrderingTables {
  readonly orders: readonly OrderRow[]
  readonly steps: readonly StepRow[]
  readonly items: readonly { readonly orderId: string; readonly productId: string; readonly quantity: number }[]
}

export interface MovementRow {
  readonly productId: string
  readonly stockVersion: number
  readonly reason: string
  readonly delta: number
  readonly available: number
  readonly reserved: number
  readonly sold: number
  readonly orderId: string | null
}

export interface CatalogTables {
  readonly stock: readonly {
    readonly productId: string
    readonly available: number
    readonly reserved: number
    readonly sold: number
    readonly stockVersion: number
  }[]
  readonly movements: readonly MovementRow[]
  readonly reservations: readonly { readonly orderId: string; readonly status: string }[]
}

export interface PaymentTables {
  readonly payments: readonly {
    readonly orderId: string
    readonly status: string
    readonly amountMinor: number
    readonly attempts: number
    readonly refundId: string | null
    /** Seconds since it was due, if it is. */
    readonly dueSinceS: number | null
  }[]
  /** The bank's own memory. */
  readonly charges: readonly { readonly key: string; readonly amountMinor: number; readonly captured: boolean }[]
  readonly refunds: readonly { readonly key: string; readonly chargeKey: string; readonly amountMinor: number }[]
}

export interface OutboxRow {
  readonly part: string
  readonly id: number
  readonly topic: string
  readonly key: string
  readonly eventId: string
  readonly type: string
  readonly sent: boolean
}

export interface DeadLetterRow {
  readonly part: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly type: string | null
  readonly state: string
  readonly reason: string
}

export interface LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  /** Of the writer's schema, without namespace; `unreadable` for what no schema reads. */
  readonly type: string
  readonly eventId: string
  /** The event whose handling published it; undefined if none did. */
  readonly causationId?: string | undefined
  /** Decoded by the schema it was written with. */
  readonly value: Readonly<Record<string, unknown>>
}

export interface Lag {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly records: number
}

export interface ClickHouseRows {
  /** The published events. */
  readonly events: readonly {
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly type: string
    readonly eventId: string
    readonly orderId: string | null
  }[]
  readonly orders: readonly {
    readonly orderId: string
    readonly status: string
    readonly version: number
    readonly totalMinor: number | null
    readonly unitCount: number
    readonly cancelReason: string
    /** Types of the events that the row has the time of. */
    readonly types: readonly string[]
  }[]
  /** Captured by the events' own amounts. */
  readonly capturedMinor: number
}

export const INVARIANTS = [
  'accepted',
  'lost',
  'doubled',
  'oversold',
  'charged twice',
  'unbalanced',
  'missing in ClickHouse',
  'stuck',
  'illegal path',
] as const
export type InvariantName = (typeof INVARIANTS)[number]

export interface Finding {
  readonly invariant: InvariantName
  readonly says: string
  /** Whose whole history explains it. */
  readonly orderId?: string
}

export interface Invariant {
  readonly name: InvariantName
  /** The promise, as a sentence. */
  readonly promise: string
  /** Everything that breaks it when all has come to rest. Pure. */
  find(evidence: Evidence): Found[]
  /**
   * What of it is wrong at whatever moment one looks, between any two steps: nothing that comes later makes it right. Pure. The
   * evidence is of one moment, without ClickHouse's rows.
   */
  findAtOnce(evidence: Evidence): Found[]
}

/** A finding of an invariant that says its own name. */
export type Found = Omit<Finding, 'invariant'>
