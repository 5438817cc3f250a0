import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { Registry } from 'prom-client'
import { inject } from 'vitest'
import { consumedTopics, keyOf, topicOf } from '#pipelines/flow/bindings.ts'
import type { TopicName } from '#pipelines/flow/map.ts'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { createLog, silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName, testTopics } from '#pipelines/testing/names.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import { type EventInput, eventTypes } from '#schemas/generated/events.ts'
import { type Ingest, startIngest } from '../ingest/ingest.ts'
import { ingestMetrics } from '../ingest/metrics.ts'
import type { LogRange, Source } from '../ingest/source.ts'
import { type SourceName, sources } from '../ingest/sources.ts'
import { topicIdentity } from '../ingest/topic-ids.ts'
import { openStore } from '../store.ts'
import { type Databases, databasesOf, migrate } from '../tables/migrate.ts'

/** Topics and a database of one test, and the ways to fill the ones and read the other. */
export interface Harness extends Closable {
  readonly db: ClickHouseClient
  readonly databases: Databases
  readonly topics: Readonly<Record<TopicName, string>>
  readonly group: string
  readonly brokers: readonly string[]
  readonly clickhouseUrl: string
  publish(...events: readonly EventInput[]): Promise<void>
  publishBytes(
    topic: TopicName,
    partition: number,
    value: Buffer | null,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>
  startIngest(options?: {
    readonly flushMs?: number
    readonly registry?: Pick<SchemaLookup, 'schemaOf'>
    readonly source?: SourceName | Source
    readonly into?: Databases
    readonly groupId?: string
  }): Promise<Ingest>
  rows<T>(sql: string): Promise<T[]>
  /** Records in Kafka, by place, as offsets from 0. */
  counts(): Promise<Map<string, number>>
  recreate(topic: TopicName): Promise<void>
  /** Drops the records of a topic below an offset, as retention does. */
  dropBelow(topic: TopicName, partition: number, offset: number): Promise<void>
  ranges(): Promise<LogRange[]>
  /** The same topics, read by a group of its own into databases of its own. Closing it leaves the topics. */
  another(): Promise<Harness>
}

const PARTITIONS = 2
/** `TEST_LOG=debug` shows what the ingest says. */
const testLog = process.env.TEST_LOG ? createLog('test', process.env.TEST_LOG) : silentLog

export async function harness({
  clickhouseUrl = inject('clickhouseUrl'),
}: {
  clickhouseUrl?: string
} = {}): Promise<Harness> {
  const open = closer()
  const brokers = [inject('kafkaBrokers')]
  const names = testTopics(...consumedTopics('analytics')) as Record<TopicName, string>

  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  open.add({ close: () => admin.disconnect() })
  async function create(topics: readonly string[]) {
    const made = await admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
      waitForLeaders: false, // gives up at once on a broker that is still making them
    })
    await eventually(() => admin.fetchTopicMetadata({ topics: [...topics] }), { what: 'leaders of the topics' })
    return made
  }
  await create(Object.values(names))
  open.add({ close: () => admin.deleteTopics({ topics: Object.values(names) }) })

  const producer: Producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  open.add({ close: () => producer.disconnect() })
  const codec = createCodec({ registryUrl: inject('registryUrl') })
  await codec.prepare(eventTypes)

  const log = {
    topics: names,
    brokers,
    clickhouseUrl,
    async publish(...events) {
      const byTopic = Map.groupBy(events, (event) => names[topicOf(event.type)])
      await producer.sendBatch({
        topicMessages: [...byTopic].map(([topic, list]) => ({
          topic,
          messages: list.map((event) => ({ key: keyOf(event), value: codec.encode(event) })),
        })),
      })
    },
    async publishBytes(topic, partition, value, headers = {}) {
      await producer.send({
        topic: names[topic],
        messages: [{ key: randomUUID(), value, partition, headers: { ce_id: randomUUID(), ...headers } }],
      })
    },
    async counts() {
      const counts = new Map<string, number>()
      for (const topic of Object.values(names))
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          if (Number(high) > 0) counts.set(`${topic}/${partition}`, Number(high))
      return counts
    },
    async recreate(topic) {
      await admin.deleteTopics({ topics: [names[topic]] })
      for (;;) if ((await create([names[topic]]).catch(() => false)) === true) return
    },
    async dropBelow(topic, partition, offset) {
      await admin.deleteTopicRecords({ topic: names[topic], partitions: [{ partition, offset: String(offset) }] })
    },
    async ranges() {
      const each = await Promise.all(
        Object.values(names).map(async (topic) =>
          (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
            topic,
            partition,
            first: Number(low),
            end: Number(high),
          })),
        ),
      )
      return each.flat()
    },
  } satisfies Partial<Harness>

  async function another(): Promise<Harness> {
    const own = closer()
    const group = randomName('analytics')
    const databases = databasesOf(randomName('t'))
    const address = {
      clickhouseUrl,
      clickhouseUser: 'default',
      clickhousePassword: '',
      clickhouseDatabase: databases.published,
    }
    const db = own.add(openStore(address))
    await migrate(db, databases)
    own.add({
      async close() {
        for (const name of [databases.published, databases.store])
          await db.command({ query: `DROP DATABASE IF EXISTS ${name}` })
      },
    })
    return {
      ...log,
      db,
      databases,
      group,
      another,
      async startIngest({
        flushMs = 50,
        registry = httpRegistry({ registryUrl: inject('registryUrl') }),
        source = 'fetch',
        into = databases,
        groupId = group,
      } = {}) {
        const topics = Object.values(names)
        const store = openStore({ ...address, clickhouseUser: 'ingest' })
        const ingest = await startIngest({
          source:
            typeof source === 'object'
              ? source
              : sources[source]({ connection: { brokers }, groupId, topics, log: testLog, sessionTimeoutMs: 6_000 }),
          topics,
          identity: () => topicIdentity({ brokers }, topics),
          registry,
          db: store,
          databases: into,
          clock: systemClock,
          log: testLog,
          metrics: ingestMetrics(new Registry()),
          limits: { flushMs, flushRows: 5_000, maxBytes: 8 * 1024 * 1024 },
        })
        const both = closer()
        both.add(store)
        both.add(ingest)
        const running = { healthy: () => ingest.healthy(), close: () => both.close() }
        own.add(running)
        return running
      },
      async rows<T>(sql: string) {
        const answer = await db.query({
          query: sql,
          format: 'JSONEachRow',
          clickhouse_settings: { output_format_json_quote_64bit_integers: 0, database: undefined },
        })
        return await answer.json<T>()
      },
      close: () => own.close(),
    }
  }
  const first = await another()
  open.add(first)
  return { ...first, close: () => open.close() }
}
