import type { PublishedBy } from '#pipelines/flow/bindings.ts'
import type { Part } from '#pipelines/flow/map.ts'
import type { Tx } from '#pipelines/kernel/database.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { createRelay } from '#pipelines/outbox/relay.ts'
import type { Draft, Origin, Outbox, Relay } from '#pipelines/outbox/types.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'
import type { Outside } from './outside.ts'

/** How a service's routes and loops publish: state and events in one transaction, and the relay hurried after it. */
export interface Publisher<P extends Part> extends Outbox<P> {
  /** Runs `work` in a transaction and wakes the relay after the commit. As with the database's own, `work` may run more than once. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Within the transaction; see {@link Outbox}. */
  publish(tx: Tx, drafts: readonly Draft<PublishedBy<P>>[], origin?: Origin): Promise<void>
  /** Says that events were committed elsewhere. Only hurries. */
  kick(): void
  /** The relay that sends them. The service starts and closes it. */
  readonly relay: Relay
}

export function createPublisher<P extends Part>(part: P, outside: Outside): Publisher<P> {
  const { database, binder, codec, clock, log, metrics } = outside
  const outbox = createOutbox(part, codec, { clock })
  const relay = createRelay({ database, send: sendThrough(binder), log, metrics })
  return {
    publish: (tx, drafts, origin) => outbox.publish(tx, drafts, origin),
    async transaction(work) {
      const result = await database.transaction(work)
      relay.kick()
      return result
    },
    kick: () => relay.kick(),
    relay,
  }
}
