import type { HandlersOf, PublishedBy } from '#pipelines/flow/bindings.ts'
import type { Part, TopicName } from '#pipelines/flow/map.ts'
import type { Tx } from '#pipelines/kernel/database.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Draft } from '#pipelines/outbox/types.ts'

/** What became of an event. Expected outcomes are values; a thrown coded error says by `retriable` whether to try again. */
export type Outcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'ignored'; readonly reason: string }
  | { readonly outcome: 'retry'; readonly reason: string }
  | { readonly outcome: 'dead-letter'; readonly reason: string }

export const done: Outcome = { outcome: 'done' }
export const ignored = (reason: string): Outcome => ({ outcome: 'ignored', reason })
export const retry = (reason: string): Outcome => ({ outcome: 'retry', reason })
export const deadLetter = (reason: string): Outcome => ({ outcome: 'dead-letter', reason })

/** Where a record stood and what its headers said. */
export interface Delivery {
  readonly topic: TopicName
  readonly partition: number
  /** As text: offsets are 64-bit. */
  readonly offset: string
  readonly key: string
  readonly eventId: string
  readonly correlationId: string | undefined
  readonly traceparent: string | undefined
  /** Broker time of the record, milliseconds. */
  readonly timestamp: number
  /** Counts from 1; more than 1 after a retry. */
  readonly attempt: number
}

/**
 * What a handler may use. Everything it does through `tx` and `publish` commits together with the inbox row, or not at all. A handler is
 * begun before the inbox has answered, and rolled back on a repetition: what is not of the transaction belongs into `afterCommit`.
 */
export interface HandlerContext<P extends Part> {
  readonly tx: Tx
  readonly delivery: Delivery
  readonly log: Log
  /** Publishes within the handler's transaction, caused by the event in hand. */
  publish(...drafts: Draft<PublishedBy<P>>[]): Promise<void>
  /** Runs after the commit, for what only hurries work that is already recorded. It is lost in a crash: never rely on it. */
  afterCommit(work: () => void): void
}

/** The handlers of a part: one for each event type of each topic that the map gives it. */
export type Handlers<P extends Part> = HandlersOf<P, HandlerContext<P>, Outcome>
