import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterEach, beforeAll } from 'vitest'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { createLog, silentLog } from '#pipelines/kernel/log.ts'
import { mendRequestQueue } from '#pipelines/stream/binders/kafkajs/request-queue.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import type { Source } from '../source.ts'
import { type SourceName, sources } from '../sources.ts'

/** A machine that does much else is no failure. */
export const PATIENT = { withinMs: 60_000 }

/** Topics on brokers, records in them, and sources that read them. What it made is closed after each test. */
export interface World {
  /** kafkajs, by the plain listeners. */
  readonly kafka: Kafka
  readonly admin: Admin
  readonly brokers: readonly string[]
  topic(partitions?: number): Promise<string>
  source(topics: readonly string[], groupId?: string, connection?: BrokerConnection): Source
  send(topic: string, values: readonly (string | null)[], partition?: number): Promise<void>
  add(own: Closable): void
}

export const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `v${from + i}`)

/** To be called inside of `describe`: the world is there when its tests run. */
export function worldOf(
  name: SourceName,
  brokers: () => readonly string[],
  { replicas = 1 }: { replicas?: number } = {},
): World {
  const lasting = closer()
  let open = closer()
  let kafka: Kafka
  let admin: Admin
  let producer: Producer

  beforeAll(async () => {
    mendRequestQueue()
    kafka = new Kafka({
      brokers: [...brokers()],
      logLevel: logLevel.NOTHING,
      requestTimeout: 10_000,
      retry: { retries: 20 },
    })
    admin = kafka.admin()
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await admin.connect()
    await producer.connect()
    lasting.add({ close: () => admin.disconnect() })
    lasting.add({ close: () => producer.disconnect() })
    return () => lasting.close()
  })
  afterEach(async () => {
    await open.close()
    open = closer()
  })

  return {
    get kafka() {
      return kafka
    },
    get admin() {
      return admin
    },
    get brokers() {
      return brokers()
    },
    async topic(partitions = 2) {
      const topic = randomName('topic')
      const topics = [{ topic, numPartitions: partitions, replicationFactor: replicas }]
      await admin.createTopics({ topics, waitForLeaders: false })
      await eventually(() => admin.fetchTopicMetadata({ topics: [topic] }), { what: 'leaders of the topic' })
      return topic
    },
    source(topics, groupId = randomName('group'), connection = { brokers: brokers() }) {
      const own = sources[name]({
        connection,
        groupId,
        topics,
        log: process.env.TEST_LOG ? createLog('source', process.env.TEST_LOG) : silentLog,
        sessionTimeoutMs: 6_000,
      })
      open.add(own)
      return own
    },
    async send(topic, values, partition = 0) {
      await producer.send({ topic, messages: values.map((value) => ({ value, partition })) })
    },
    add: (own) => void open.add(own),
  }
}
