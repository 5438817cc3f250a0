import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError, messageOf, Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { runOfRecords } from '../run-of-records.ts'
import { type LogRange, type LogRecord, type Place, placeKey, type Source, type Taker } from '../source.ts'
import type { SourceSettings } from '../sources.ts'
import {
  ASSIGN_PARTITIONS,
  asked,
  type RdkafkaConsumer,
  type RdkafkaError,
  type RdkafkaMessage,
  REVOKE_PARTITIONS,
  type TopicPartition,
} from './client.ts'
import { connectionSettings } from './client-settings.ts'
import { loadRdkafka } from './package.ts'

/** Records that are asked for at once. */
const MOST_RECORDS = 5_000
/** How long librdkafka may wait for a record: for each one anew, so it bounds the time between two of a trickle. */
const CONSUME_MS = 20
const ANSWER_MS = 15 * SECOND
const DAY_MS = 86_400_000

/**
 * librdkafka behind the interface, by the optional package node-rdkafka. It fetches ahead into a queue of its own; what is in there of a former
 * assignment is dropped by librdkafka itself, and what was handed over by us.
 * @throws UsageError `RDKAFKA_NOT_INSTALLED`
 */
export function rdkafkaSource(settings: SourceSettings): Source {
  const { connection, groupId, topics, log, sessionTimeoutMs = 10 * SECOND } = settings
  const { KafkaConsumer } = loadRdkafka()
  let taker: Taker | undefined
  let assignments = 0
  let stopped = false
  let looping: Promise<void> | undefined
  let telling: PromiseWithResolvers<void> | undefined
  /** What came in while partitions were being paused. */
  const early: RdkafkaMessage[] = []
  /** The next offset of each place, to see where librdkafka passes over something. */
  const next = new Map<string, number>()
  /** The call for records that is under way, and what the next one must wait for. */
  let consuming: Promise<unknown> = Promise.resolve()
  let gate: Promise<void> | undefined

  const consumer: RdkafkaConsumer = new KafkaConsumer(
    {
      ...connectionSettings(connection),
      'group.id': groupId,
      'session.timeout.ms': sessionTimeoutMs,
      'heartbeat.interval.ms': Math.round(sessionTimeoutMs / 5),
      // A database that is away holds records up for as long as it is; heartbeats go on, so a dead process is still found.
      'max.poll.interval.ms': DAY_MS,
      'partition.assignment.strategy': 'range',
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'isolation.level': 'read_committed',
      'check.crcs': true,
      'allow.auto.create.topics': false,
      // A topic or a partition that was not there at the first look is found soon; the default is five minutes.
      'topic.metadata.refresh.interval.ms': 10_000,
      'fetch.wait.max.ms': 100,
      'fetch.queue.backoff.ms': 20,
      'queued.max.messages.kbytes': 16 * 1024,
      rebalance_cb: (error: RdkafkaError, places: readonly TopicPartition[]) => void rebalanced(error, places),
      offset_commit_cb: (error?: RdkafkaError) => (error ? telling?.reject(error) : telling?.resolve()),
    },
    // It tells nobody where it jumps to, but told to stop it stands still, and node-rdkafka loses that error when records came with it:
    // `jumped` sees the jump.
    { 'auto.offset.reset': 'earliest' },
  )
  consumer.on('event.error', (err) => {
    if (!stopped) log.debug({ err }, 'librdkafka has trouble')
  })

  function fail(error: unknown) {
    stopped = true
    taker?.failed(error)
  }

  /** What was handed over before is void, and nothing more of it is. */
  function give(): number {
    early.length = 0
    next.clear()
    return ++assignments
  }

  async function rebalanced(error: RdkafkaError | undefined, places: readonly TopicPartition[]) {
    if (error?.code === ASSIGN_PARTITIONS && !stopped) return await assign(places)
    give()
    if (error?.code !== REVOKE_PARTITIONS && !stopped) log.warn({ err: error }, 'the partitions were lost')
    if (consumer.isConnected()) consumer.unassign()
  }

  /** Asks where to read from, then reads from there. An assignment that came meanwhile makes this one void. */
  async function assign(given: readonly TopicPartition[]) {
    const mine = give()
    const places = given.map(({ topic, partition }) => ({ topic, partition }))
    try {
      // Asked on meanwhile, as rebalances are told only to who asks for records; there are none, as nothing is assigned.
      const from = await (taker as Taker).assigned(places)
      if (mine !== assignments || stopped) return
      // No call for records spans the change: what it brought would be of either assignment.
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      await consuming.catch(() => undefined)
      if (mine === assignments && !stopped) {
        const offsets = places.map((place) => ({ ...place, offset: from.get(placeKey(place)) ?? 0 }))
        for (const place of offsets) next.set(placeKey(place), place.offset)
        consumer.assign(offsets)
      }
      resolve()
    } catch (error) {
      if (mine === assignments && !stopped) fail(error)
    }
  }

  async function consume(count: number): Promise<readonly RdkafkaMessage[]> {
    await gate
    const answer = asked<readonly RdkafkaMessage[]>((told) => consumer.consume(count, told))
    consuming = answer
    return await answer
  }

  /** Whether librdkafka went on elsewhere, as the log did not have what was asked for; a gap alone may be the mark of a transaction. */
  async function jumped(place: Place, expected: number, offset: number): Promise<boolean> {
    if (offset === expected) return false
    if (offset < expected) return true
    const { first } = await range(place.topic, place.partition)
    return first > expected
  }

  /** Keeps the membership going while a record waits for room: rebalances are told only to who asks for records. */
  async function alive(mine: number, paused: Place[]) {
    if (paused.length === 0) {
      paused.push(...consumer.assignments())
      consumer.pause(paused)
    }
    const more = await consume(100)
    if (mine !== assignments || stopped)
      throw new CodedError('ASSIGNMENT_OVER', 'the partitions are read by another', { retriable: true })
    early.push(...more)
  }

  async function handOver(messages: readonly RdkafkaMessage[]) {
    const mine = assignments
    for (const [place, records] of runsOf(messages)) {
      if (mine !== assignments || stopped) return
      const key = placeKey(place)
      const [first, last] = [records[0], records.at(-1)]
      const expected = next.get(key)
      if (!first || !last || expected === undefined) continue
      // The log does not hold what we asked for: the taker decides by the positions and what the log has.
      if (await jumped(place, expected, first.offset)) return void (await assignAnew())
      if (mine !== assignments || stopped) return
      next.set(key, last.offset + 1)
      const paused: Place[] = []
      try {
        await taker?.take(place, runOfRecords(records), () => alive(mine, paused), behind(place, last.offset))
      } catch (error) {
        if (mine === assignments && !stopped) throw error
      }
      if (paused.length > 0 && mine === assignments && !stopped) consumer.resume(paused)
    }
  }

  /** How many records wait in the log after this one, as far as librdkafka has heard. */
  function behind({ topic, partition }: Place, offset: number): number {
    try {
      return Math.max(0, consumer.getWatermarkOffsets(topic, partition).highOffset - 1 - offset)
    } catch {
      return 0 // it has not heard yet
    }
  }

  async function assignAnew() {
    const places = consumer.assignments()
    give()
    consumer.unassign()
    await assign(places)
  }

  async function read() {
    for (let failures = 0; !stopped; ) {
      try {
        const before = assignments
        const messages = early.length > 0 ? early.splice(0) : await consume(MOST_RECORDS)
        failures = 0
        if (before === assignments) await handOver(messages)
      } catch (error) {
        if (stopped) return
        failures += 1
        log.warn({ err: error, failures }, 'reading failed, trying again')
        await pause(backoffMs(failures, { baseMs: 50, capMs: 2_000 }))
      }
    }
  }

  return {
    async start(given) {
      taker = given
      try {
        await asked((answer) => consumer.connect({ timeout: ANSWER_MS }, answer))
      } catch (cause) {
        const brokers = connection.brokers.join(', ')
        throw new Unavailable('KAFKA_AWAY', `no broker of ${brokers} answers: ${messageOf(cause)}`, { cause })
      }
      consumer.setDefaultConsumeTimeout(CONSUME_MS)
      consumer.subscribe(topics)
      looping = read()
    },

    async commit(next) {
      if (stopped || next.size === 0) return
      const offsets = [...next].map(([key, offset]) => {
        const cut = key.lastIndexOf('/')
        return { topic: key.slice(0, cut), partition: Number(key.slice(cut + 1)), offset }
      })
      telling = Promise.withResolvers<void>()
      consumer.commit(offsets)
      await telling.promise
    },

    async ranges(names) {
      if (!consumer.isConnected()) throw new Unavailable('KAFKA_AWAY', 'the source is not connected')
      const each = await Promise.all(
        names.map(async (topic): Promise<LogRange[]> => {
          const metadata = await asked<Parameters<Parameters<RdkafkaConsumer['getMetadata']>[1]>[1]>((answer) =>
            consumer.getMetadata({ topic, timeout: ANSWER_MS }, answer),
          )
          const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions ?? []
          return await Promise.all(partitions.map(({ id }) => range(topic, id)))
        }),
      )
      return each.flat()
    },

    async close() {
      if (stopped && !looping) return
      stopped = true
      give()
      await looping
      looping = undefined
      if (consumer.isConnected()) await asked((answer) => consumer.disconnect(answer)).catch(() => undefined)
    },
  }

  async function range(topic: string, partition: number): Promise<LogRange> {
    const { lowOffset, highOffset } = await asked<{ lowOffset: number; highOffset: number }>((answer) =>
      consumer.queryWatermarkOffsets(topic, partition, ANSWER_MS, answer),
    )
    return { topic, partition, first: lowOffset, end: highOffset }
  }
}

/** Records of each place together, each place's in their order. */
function runsOf(messages: readonly RdkafkaMessage[]): readonly (readonly [Place, LogRecord[]])[] {
  const places = new Map<string, readonly [Place, LogRecord[]]>()
  for (const message of messages) {
    const { topic, partition } = message
    const key = placeKey(message)
    let own = places.get(key)
    if (!own) {
      own = [{ topic, partition }, []]
      places.set(key, own)
    }
    own[1].push(toRecord(message))
  }
  return [...places.values()]
}

function toRecord({ offset, timestamp, key, value, headers = [] }: RdkafkaMessage): LogRecord {
  return {
    offset,
    timestamp: timestamp ?? -1,
    key: typeof key === 'string' ? Buffer.from(key) : (key ?? null),
    value: value ?? null,
    headers: Object.assign({}, ...headers) as Readonly<Record<string, unknown>>,
  }
}
