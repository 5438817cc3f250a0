import type { Registry } from 'prom-client'
import type { Part } from '#pipelines/flow/map.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import type { Binder } from '../binders/types.ts'
import type { Handlers } from '../types.ts'

/** What a consumer needs of a codec. */
export interface Decoder {
  decode(bytes: Buffer): Promise<ShopEvent>
}

export interface Tuning {
  /** Records handled at the same time, each with a database connection. Default: 60 % of the pool, at most 8. */
  readonly concurrency: number
  /** Records of a partition that are begun and not finished; more wait. Default 64. */
  readonly maxUnfinished: number
  /** Tries of a record that fails for an unknown reason or asks for a retry, then it is dead-lettered. Default 5. */
  readonly maxAttempts: number
  /** Wait after the first failure; doubles up to {@link backoffCapMs}. Milliseconds, default 200. */
  readonly backoffMs: number
  /** Milliseconds, default 10 000. */
  readonly backoffCapMs: number
  /** How often positions are committed to the broker. What is not yet committed is delivered again after a crash. Default 200 ms. */
  readonly commitEveryMs: number
  /** Lag without progress for so long restarts the consumer. Milliseconds, default 30 000. */
  readonly stallMs: number
  /** A rebalance that takes longer, or a broker that is away for longer, makes a member that had partitions unready. Milliseconds, default 10 000. */
  readonly rejoinMs: number
  /** How long a shutdown waits for what is in flight. Milliseconds, default 10 000. */
  readonly drainMs: number
  /** How long the inbox remembers. Milliseconds, default 7 days. */
  readonly keepInboxMs: number
}

export interface ConsumerOptions<P extends Part> {
  readonly handlers: Handlers<P>
  readonly database: Database
  readonly codec: Decoder
  readonly binder: Binder
  readonly outbox: Outbox<P>
  readonly log: Log
  readonly metrics?: Registry
  /** Called after a commit that published something: a relay's `kick`. */
  readonly onPublished?: () => void
  readonly tuning?: Partial<Tuning>
}

/** Reads a part's topics in the group of its name, for as long as the process lives. */
export interface Consumer extends Closable {
  /** Begins in the background: an absent broker or database is waited for. */
  start(): void
  status(): ConsumerStatus
}

export interface ConsumerStatus {
  /** False before the first join, without an assignment for longer than `rejoinMs` (no broker, a rebalance that does not end), and while there is lag without progress. */
  readonly ready: boolean
  /** Why it is not ready, or what it waits for. */
  readonly reason: string | undefined
  readonly partitions: number
  /** Records behind the end of the topics, as far as known. */
  readonly lag: number
}
