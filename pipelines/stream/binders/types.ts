import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { OutgoingRecord } from '#pipelines/outbox/types.ts'

/**
 * Vocabulary. A *record* stands at an *offset* of a *partition* of a *topic*. A *group* shares the partitions of its topics among its
 * members; a *position* is the offset a group reads next, *committed* when the broker remembers it. *Lag* is what lies between the
 * committed position and the end. An *assignment* holds until the next rebalance; all of it is given up and given out anew then.
 */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The offset to read next, as text: offsets are 64-bit. */
export interface Position extends TopicPartition {
  readonly offset: string
}

export interface ProducerRecord extends OutgoingRecord {
  /** Computed by `partitionOf`, so that every binder cuts alike. */
  readonly partition: number
}

export interface IncomingRecord extends Position {
  readonly key: string | undefined
  /** Null is a tombstone; nobody writes one here, but foreign producers can. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** Broker or producer time, milliseconds. */
  readonly timestamp: number
}

export interface RecordBatch extends TopicPartition {
  /** In offset order, never empty. */
  readonly records: readonly IncomingRecord[]
  /** The offset the next record written to the partition will get. */
  readonly endOffset: string
}

/**
 * What a consumer is told. All calls are synchronous: hand the work over and return, the client's heartbeats wait meanwhile.
 */
export interface Subscriber {
  /** A new assignment, after every join. Whatever was assigned before is void. */
  onAssigned(partitions: readonly TopicPartition[]): void
  /** The assignment ends: start nothing more of it. A last commit may be made within the call. */
  onRevoked(): void
  /** Records of the current assignment, in order per partition, each once per assignment unless sought back. */
  onRecords(batch: RecordBatch): void
}

export interface Subscription extends Closable {
  /** Remembers positions with the broker. Positions of partitions that are not ours at the moment are left out. */
  commit(positions: readonly Position[]): Promise<void>
  /** No records of these partitions until {@link resume}. What is on its way may still arrive. A new assignment forgets pauses. */
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /** Reads on from there, now, whatever is committed. */
  seek(position: Position): void
}

export interface PartitionLag extends TopicPartition {
  /** Undefined if the group never committed here. */
  readonly committed: string | undefined
  readonly end: string
  readonly lag: number
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Milliseconds; absent means unlimited. */
  readonly retentionMs?: number | undefined
}

export interface TopicDescription extends TopicSpec {
  readonly cleanupPolicy: string
}

export interface SubscribeOptions {
  readonly group: string
  readonly topics: readonly string[]
  readonly subscriber: Subscriber
}

/** A broker client. One conformance suite (`binders/conformance.ts`) holds for all. */
export interface Binder extends Closable {
  readonly name: string
  /**
   * Resolves when all in-sync replicas have every record. Order per partition is kept. After an error nothing is known of any of them:
   * send all again.
   * @throws Unavailable `BROKER_AWAY`; CodedError `PRODUCE_REFUSED` for what no retry helps
   */
  produce(records: readonly ProducerRecord[]): Promise<void>
  /**
   * Joins the group in the background and stays in it through restarts of the broker. A group without a committed position begins
   * at the start of the topic.
   */
  subscribe(options: SubscribeOptions): Subscription
  /** @throws Unavailable `BROKER_AWAY` */
  lag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]>
  /** Makes the topics that do not exist, with `cleanup.policy=delete`, and returns their names. Changes no existing one. */
  provision(topics: readonly TopicSpec[]): Promise<readonly string[]>
  /** What exists of these topics. */
  describe(names: readonly string[]): Promise<readonly TopicDescription[]>
}
