import { type Consumer, type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { backoffMs, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { mendRequestQueue } from '#pipelines/stream/binders/kafkajs/request-queue.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { addCompressions } from './kafkajs-compressions.ts'
import { kafkajsLog } from './kafkajs-log.ts'
import { runOfRecords } from './run-of-records.ts'
import { type LogRange, type LogRecord, type Place, placeKey, type Source, type Taker } from './source.ts'

export interface KafkajsSourceOptions {
  readonly connection: BrokerConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly log: Log
  /** Least time from one fetch to the next, in milliseconds: without it each single record would be a fetch of all partitions. Default 20. */
  readonly paceMs?: number
  /** How long a member may be silent before its partitions go to others. Default 10 000: so long an instance
   * that was killed keeps the next one waiting. */
  readonly sessionTimeoutMs?: number
}

/** How far a place was read since it was assigned. `sought` until the client has really jumped to where we asked it to. */
interface Reading {
  readonly sought: number
  arrived: boolean
  next: number
}

/**
 * kafkajs behind the interface. Two habits of it are guarded against: after a join it fetches from the group's committed offsets before
 * our seek reaches it, and out of range it jumps to the beginning without a word.
 */
export function kafkajsSource(options: KafkajsSourceOptions): Source {
  const { connection, groupId, topics, log, paceMs = 20, sessionTimeoutMs = 10 * SECOND } = options
  mendRequestQueue()
  addCompressions()
  const kafka = new Kafka({
    clientId: 'analytics',
    ...connection,
    brokers: [...connection.brokers],
    logLevel: logLevel.WARN,
    logCreator: kafkajsLog(log),
    // A leader that fell silent is asked so often before the metadata is asked who leads now: with the defaults for minutes.
    requestTimeout: 15 * SECOND,
    retry: { initialRetryTime: 200, maxRetryTime: 5 * SECOND, retries: 3, restartOnFailure: async () => true },
  })
  const admin = kafka.admin()
  const open = closer()
  let consumer: Consumer | undefined
  let readings: Promise<ReadonlyMap<string, Reading>> = Promise.resolve(new Map())
  let given: Readonly<Record<string, readonly number[]>> = {}
  let assignments = 0
  let fetchedAt = 0
  let stopped = false

  function fail(taker: Taker, error: unknown) {
    stopped = true
    taker.failed(error)
  }

  /** A new assignment: asks where to read from, then jumps there. An assignment that came meanwhile makes this one void. */
  async function assign(taker: Taker, joined: Consumer, assignment: Readonly<Record<string, readonly number[]>>) {
    const mine = ++assignments
    const places = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    const next = new Map<string, Reading>()
    try {
      const from = await taker.assigned(places)
      if (mine !== assignments || stopped) return next
      for (const place of places) {
        const offset = from.get(placeKey(place)) ?? 0
        joined.seek({ ...place, offset: String(offset) })
        next.set(placeKey(place), { sought: offset, arrived: false, next: offset })
      }
    } catch (error) {
      if (mine === assignments) fail(taker, error)
    }
    return next
  }

  /** Whether retention has passed an offset: then kafkajs goes on from the beginning that is left, without a word. */
  async function droppedBelow({ topic, partition }: Place, offset: number): Promise<boolean> {
    const ranges = await admin.fetchTopicOffsets(topic)
    return Number(ranges.find((one) => one.partition === partition)?.low ?? 0) >= offset
  }

  async function eachBatch(
    taker: Taker,
    joined: Consumer,
    { batch, resolveOffset, heartbeat, isStale }: EachBatchPayload,
  ) {
    const known = await waitAlive(readings, heartbeat)
    const reading = known.get(placeKey(batch))
    if (stopped || !reading || isStale()) return // the jump is still to come
    const fetchedFrom = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset)
    if (fetchedFrom > reading.next && (await droppedBelow(batch, fetchedFrom))) {
      // The log does not hold what we asked for: the taker decides by the positions and what the log has.
      if (known === (await readings)) readings = assign(taker, joined, given)
      return
    }
    if (!reading.arrived && fetchedFrom !== reading.sought) return
    reading.arrived = true
    if (fetchedFrom < reading.next) {
      const facts = { topic: batch.topic, partition: batch.partition, expected: reading.next, got: fetchedFrom }
      return fail(
        taker,
        new CodedError('LOG_WENT_BACK', `the log of ${placeKey(batch)} ends before ${reading.next}`, { facts }),
      )
    }
    const records = batch.messages.map(toRecord).filter(({ offset }) => offset >= reading.next)
    const behind = Math.max(0, Number(batch.highWatermark) - Number(batch.lastOffset()) - 1)
    await taker.take({ topic: batch.topic, partition: batch.partition }, runOfRecords(records), heartbeat, behind)
    reading.next = Number(batch.lastOffset()) + 1
    resolveOffset(batch.lastOffset())
    await heartbeat()
    const wait = records.length > 500 ? 0 : fetchedAt + paceMs - Date.now()
    if (wait > 0) await pause(wait)
  }

  async function join(taker: Taker, opened: ReturnType<typeof closer>): Promise<Consumer> {
    const joined = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 20 * SECOND,
      heartbeatInterval: Math.round(sessionTimeoutMs / 5),
      maxWaitTimeInMs: 2 * SECOND,
      maxBytesPerPartition: 1024 * 1024,
      allowAutoTopicCreation: false,
    })
    opened.add({ close: () => joined.disconnect() })
    joined.on(joined.events.GROUP_JOIN, ({ payload }) => {
      given = payload.memberAssignment
      readings = assign(taker, joined, given)
    })
    joined.on(joined.events.FETCH_START, () => {
      fetchedAt = Date.now()
    })
    joined.on(joined.events.CRASH, ({ payload }) => {
      if (!payload.restart) void joinAnew(taker, opened, payload.error)
    })
    await joined.connect()
    await joined.subscribe({ topics: [...topics], fromBeginning: true })
    await joined.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: (payload) => eachBatch(taker, joined, payload),
    })
    return joined
  }

  /** kafkajs gives up for good what may be over in a minute, such as a group whose coordinator is away. */
  async function joinAnew(taker: Taker, opened: ReturnType<typeof closer>, error: unknown) {
    assignments++
    readings = Promise.resolve(new Map())
    log.warn({ err: error }, 'kafkajs gave up, joining again')
    for (let attempt = 1; !stopped; attempt++) {
      await pause(backoffMs(attempt, { capMs: 5 * SECOND }))
      try {
        if (stopped) return
        consumer = await join(taker, opened)
        if (stopped) await consumer.disconnect() // it came too late to be closed with the others
        return
      } catch (err) {
        log.warn({ err, attempt }, 'joining the group failed, trying again')
      }
    }
  }

  return {
    async start(taker) {
      const opened = closer()
      try {
        await admin.connect()
        opened.add({ close: () => admin.disconnect() })
        consumer = await join(taker, opened)
      } catch (error) {
        await opened.close()
        throw error
      }
      open.add(opened)
    },

    async commit(next) {
      const offsets = [...next].map(([key, offset]) => {
        const cut = key.lastIndexOf('/')
        return { topic: key.slice(0, cut), partition: Number(key.slice(cut + 1)), offset: String(offset) }
      })
      if (!stopped && offsets.length > 0) await consumer?.commitOffsets(offsets)
    },

    async ranges(names) {
      const each = await Promise.all(
        names.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
      )
      return each.flatMap(({ topic, partitions }) =>
        partitions.map(
          ({ partition, low, high }): LogRange => ({ topic, partition, first: Number(low), end: Number(high) }),
        ),
      )
    },

    async close() {
      stopped = true
      await open.close()
    },
  }
}

function toRecord({
  offset,
  timestamp,
  key,
  value,
  headers,
}: EachBatchPayload['batch']['messages'][number]): LogRecord {
  return { offset: Number(offset), timestamp: Number(timestamp), key, value, headers: headers ?? {} }
}

/** Waits for something slow without being thrown out of the group. */
async function waitAlive<T>(work: Promise<T>, alive: () => Promise<void>): Promise<T> {
  for (;;) {
    const done = await Promise.race([work.then((value) => ({ value })), pause(SECOND)])
    if (done) return done.value
    await alive()
  }
}
