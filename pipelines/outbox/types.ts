import type { PublishedBy } from '#pipelines/flow/bindings.ts'
import type { Part } from '#pipelines/flow/map.ts'
import type { Tx } from '#pipelines/kernel/database.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { EventInput, EventType } from '#schemas/generated/events.ts'

/**
 * An event as a decision makes it: the outbox stamps `eventId` and `occurredAt`. Give them only to send a recorded event again
 * (new eventId, the first one's occurredAt).
 */
export type Draft<T extends EventType> = T extends EventType
  ? Omit<EventInput<T>, 'eventId' | 'occurredAt'> & { readonly eventId?: string; readonly occurredAt?: number }
  : never

/** Where an event comes from; becomes headers (CloudEvents 1.0 extensions, W3C trace context). */
export interface Origin {
  readonly correlationId?: string | undefined
  readonly causationId?: string | undefined
  readonly traceparent?: string | undefined
}

/** Writes events into the outbox table within the caller's transaction. */
export interface Outbox<P extends Part> {
  /**
   * Encodes the events before it returns, and inserts them, in order. The rows that own their keys must be locked by an earlier statement of the same
   * transaction: then ids within a key are in commit order, and so is what the relay sends.
   * @throws CodedError when an event does not fit its schema
   */
  publish(tx: Tx, drafts: readonly Draft<PublishedBy<P>>[], origin?: Origin): Promise<void>
}

/** A record on its way to the broker. */
export interface OutgoingRecord {
  readonly topic: string
  readonly key: string
  /** Confluent-framed Avro. */
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Resolves once every record is acknowledged by all in-sync replicas; records of one topic and key keep their order.
 * @throws Unavailable when the broker cannot take them now; any other error when it refuses one of them
 */
export type Send = (records: readonly OutgoingRecord[]) => Promise<void>

/** Moves outbox rows to the broker, in the background of a service. */
export interface Relay extends Closable {
  start(): void
  /** Says that something was committed. Only hurries: the relay looks by itself as well. Cheap, never throws. */
  kick(): void
  status(): RelayStatus
}

export interface RelayStatus {
  /** The slots this instance sends, ascending. */
  readonly slots: readonly number[]
  /** Why nothing goes out at the moment, if so: the code of the last error. */
  readonly blockedBy: string | undefined
}
