import { type Admin, type Consumer, type IHeaders, Kafka, logLevel } from 'kafkajs'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Addresses } from './addresses.ts'
import { avroReader, type Reader } from './avro.ts'
import { READERS, RESTLESS, TOPICS } from './contract.ts'
import type { Lag, LogRecord } from './evidence.ts'

/** The topics as they are, by a client of its own in a group of its own. */
export interface Topics extends Closable {
  /** Every record that is there now, in order per partition. @throws CodedError `TOPICS_UNREAD` when they cannot be read to their ends */
  records(): Promise<readonly LogRecord[]>
  /** How far the services' groups are behind. */
  lag(): Promise<readonly Lag[]>
}

const READ_WITHIN_MS = 60_000
/** How long a record of a topic that never rests may take to ClickHouse. */
const ON_ITS_WAY_MS = 10_000

/** Begins to read at once, from the beginning; each {@link Topics.records} waits for what has come since. */
export async function openTopics({
  brokers,
  registryUrl,
}: Pick<Addresses, 'brokers' | 'registryUrl'>): Promise<Topics> {
  const groupId = `oracle-${newId()}`
  const kafka = new Kafka({
    clientId: 'oracle',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 },
  })
  const admin = kafka.admin()
  const reader = avroReader(registryUrl)
  const found = new Map<string, { readonly record: LogRecord; readonly at: number }>()
  const next = new Map<string, number>()
  await admin.connect()
  const there = (await admin.listTopics()).filter((topic) => TOPICS.includes(topic))
  const consumer = await beginReading(kafka, groupId, there, async (topic, partition, messages) => {
    for (const { offset, key, value, headers, timestamp } of messages) {
      const causationId = headers?.ce_causationid?.toString()
      const record = await decode(reader, { topic, partition, offset: Number(offset), key, value, causationId })
      found.set(`${topic}/${partition}/${offset}`, { record, at: Number(timestamp) })
      next.set(`${topic}/${partition}`, Number(offset) + 1)
    }
  })
  return {
    async records() {
      const ends = await endsOf(admin, there)
      const behind = () => ends.filter(({ place, low, high }) => high > low && (next.get(place) ?? 0) < high)
      for (const until = Date.now() + READ_WITHIN_MS; behind().length > 0; await pause(50))
        if (Date.now() > until)
          throw new CodedError('TOPICS_UNREAD', `not read to the end: ${behind().map(({ place }) => place)}`)
      const due = Date.now() - ON_ITS_WAY_MS
      const records = [...found.values()].filter(({ record, at }) => !RESTLESS.has(record.topic) || at < due)
      return records
        .map(({ record }) => record)
        .sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset)
    },
    async lag() {
      const ends = new Map((await endsOf(admin, there)).map(({ place, low, high }) => [place, { low, high }]))
      const groups = [...new Set(Object.values(READERS).flat())]
      const lags = await Promise.all(groups.map((group) => lagOf(admin, group, ends)))
      return lags.flat()
    },
    async close() {
      await consumer.disconnect()
      await admin.deleteGroups([groupId]).catch(() => {}) // it expires by itself
      await admin.disconnect()
    },
  }
}

interface Message {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: IHeaders | undefined
}

async function beginReading(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  take: (topic: string, partition: number, messages: readonly Message[]) => Promise<void>,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 8_388_608 })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({ eachBatch: ({ batch }) => take(batch.topic, batch.partition, batch.messages) })
  return consumer
}

interface RawRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly causationId: string | undefined
}

async function decode(reader: Reader, raw: RawRecord): Promise<LogRecord> {
  const { topic, partition, offset } = raw
  const place = { topic, partition, offset, key: raw.key?.toString() ?? '', causationId: raw.causationId }
  try {
    const { type, value } = await reader.read(raw.value ?? Buffer.alloc(0))
    return { ...place, type, eventId: String(value.eventId), value }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'REGISTRY_AWAY') throw error // read again
    return { ...place, type: 'unreadable', eventId: '', value: { why: String(error) } }
  }
}

async function endsOf(admin: Admin, topics: readonly string[]) {
  const ends = await Promise.all(
    topics.map(async (topic) =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
        place: `${topic}/${partition}`,
        low: Number(low),
        high: Number(high),
      })),
    ),
  )
  return ends.flat()
}

async function lagOf(admin: Admin, group: string, ends: ReadonlyMap<string, { low: number; high: number }>) {
  const topics = Object.keys(READERS).filter((topic) => READERS[topic]?.includes(group))
  const offsets = await admin.fetchOffsets({ groupId: group, topics })
  return offsets.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, offset }): Lag[] => {
      const end = ends.get(`${topic}/${partition}`)
      const records = (end?.high ?? 0) - Math.max(Number(offset), end?.low ?? 0)
      return records > 0 ? [{ group, topic, partition, records }] : []
    }),
  )
}
