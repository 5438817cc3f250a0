import type { ConsumedBy, EventsOn } from '#pipelines/flow/bindings.ts'
import type { EventOf } from '#schemas/generated/events.ts'

type Consumed = EventsOn<ConsumedBy<'ordering'>>

/** What others answer about an order. */
export type Reply = EventOf<Exclude<Consumed, 'UserCheckoutAccepted'>>

/** Somebody calls the order off. */
export interface Cancel {
  readonly type: 'Cancel'
  readonly reason: 'CUSTOMER' | 'STAFF' | 'TIMEOUT'
  /** Role of who cancels: customer, support, admin, or system. */
  readonly actorRole: string
}

/** Staff hands the parcel over. */
export interface Ship {
  readonly type: 'Ship'
  readonly carrier: string | null
  readonly trackingNumber: string | null
}

export type Command = Cancel | Ship

/** All that can ask something of an order that may exist already. */
export type InputType = Consumed | Command['type']
