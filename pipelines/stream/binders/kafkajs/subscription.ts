import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Position, SubscribeOptions, Subscription, TopicPartition } from '../types.ts'
import { asCoded } from './errors.ts'
import { incoming } from './incoming.ts'

/** How quickly the group notices and fetches. Milliseconds and bytes. */
const TIMING = {
  sessionTimeout: 6_000, // the broker's least: a killed member's partitions are free after this
  heartbeatInterval: 1_000, // how soon a member learns that another came or left
  rebalanceTimeout: 8_000,
  // The broker answers a fetch at once when there is something. This bounds what waits behind an idle fetch on the same connection:
  // commits, heartbeats, pauses. 3 requests a second for all topics together cost an idle service next to nothing.
  maxWaitTimeInMs: 300,
  minBytes: 1,
  maxBytesPerPartition: 256 * 1024,
  // A leader that falls silent is not asked for anew by kafkajs, but metadata this old are.
  metadataMaxAge: 5_000,
} as const

/**
 * Keeps a kafkajs consumer in the group. kafkajs has no cooperative rebalance and does not wait for its user at one, so an assignment here
 * is a period with a beginning and an end, and what arrives outside of it is dropped. A crashed consumer is replaced, not restarted.
 */
export function kafkaSubscription(
  kafka: Kafka,
  { group, topics, subscriber }: SubscribeOptions,
  log: Log,
): Subscription {
  const closing = new AbortController()
  let consumer: Consumer | undefined
  let assigned: ReadonlySet<string> | undefined

  function assign(event: ConsumerGroupJoinEvent) {
    revoke()
    const partitions = Object.entries(event.payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    )
    assigned = new Set(partitions.map(placeOf))
    // kafkajs remembers pauses across assignments; ours end with the assignment.
    if (partitions.length > 0) consumer?.resume(grouped(partitions))
    subscriber.onAssigned(partitions)
  }

  function revoke() {
    if (assigned === undefined) return
    subscriber.onRevoked()
    assigned = undefined
  }

  async function eachBatch({ batch, resolveOffset, isStale }: EachBatchPayload) {
    const last = batch.messages.at(-1)
    // Stale: a seek waits. Not assigned: fetched before a rebalance.
    if (last === undefined || isStale() || !assigned?.has(placeOf(batch))) return
    const { topic, partition, highWatermark } = batch
    const records = batch.messages.map((message) => incoming(topic, partition, message))
    subscriber.onRecords({ topic, partition, records, endOffset: highWatermark })
    resolveOffset(last.offset) // only moves this client's next fetch: nothing is committed here
  }

  /** Runs one consumer until it crashes or the subscription closes. Returns whether it ever joined. */
  async function runOne(isFirst: boolean): Promise<boolean> {
    const own = kafka.consumer({ groupId: group, allowAutoTopicCreation: false, ...TIMING })
    const ended = Promise.withResolvers<unknown>()
    let joined = false
    own.on(own.events.GROUP_JOIN, (event) => {
      joined = true
      assign(event)
    })
    own.on(own.events.REBALANCING, revoke)
    own.on(own.events.CRASH, ({ payload }) => ended.resolve(payload.error))
    const onClose = () => ended.resolve(undefined)
    closing.signal.addEventListener('abort', onClose, { once: true })
    try {
      await own.connect()
      await own.subscribe({ topics: [...topics], fromBeginning: true })
      consumer = own
      await own.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
      const error = await ended.promise
      if (error !== undefined) throw error
    } catch (error) {
      if (!closing.signal.aborted) lost(error, joined || isFirst)
    } finally {
      closing.signal.removeEventListener('abort', onClose)
      revoke()
      consumer = undefined
      await own.disconnect().catch((error) => log.debug({ err: error }, 'a consumer did not disconnect'))
    }
    return joined
  }

  /** Loud when it begins, quiet while it lasts. */
  function lost(error: unknown, isNews: boolean) {
    const line = { err: asCoded(error), group }
    if (isNews) log.warn(line, 'the consumer has no broker, joining again')
    else log.debug(line, 'the consumer still has no broker')
  }

  async function live() {
    for (let failures = 0; !closing.signal.aborted; ) {
      failures = (await runOne(failures === 0)) ? 1 : failures + 1
      await pause(backoffMs(failures, { baseMs: 100, capMs: 2_000 }), closing.signal)
    }
  }

  const living = live()

  /** The running consumer, while it has an assignment: kafkajs throws when asked at any other time. */
  const active = () => (assigned ? consumer : undefined)
  const ours = <T extends TopicPartition>(partitions: readonly T[]) =>
    partitions.filter((each) => assigned?.has(placeOf(each)))

  return {
    async commit(positions) {
      const now = ours(positions)
      if (now.length === 0) return
      await active()
        ?.commitOffsets(now.map(({ topic, partition, offset }: Position) => ({ topic, partition, offset })))
        .catch((error) => {
          throw asCoded(error)
        })
    },
    pause: (partitions) => active()?.pause(grouped(ours(partitions))),
    resume: (partitions) => active()?.resume(grouped(ours(partitions))),
    seek: (position) => active()?.seek(position),
    async close() {
      closing.abort()
      await living
    },
  }
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function grouped(partitions: readonly TopicPartition[]) {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, those]) => ({
    topic,
    partitions: those.map(({ partition }) => partition),
  }))
}
