import { Consumer } from '@platformatic/kafka'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { type Log, silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { openWay, type Way } from '#pipelines/testing/way.ts'
import type { Taker } from '../source.ts'
import { readPlaces } from './read-places.ts'

/** Instead of 15 s. */
const LIMIT_MS = 1_000

const lasting = closer()
let open = closer()
let admin: Admin
let producer: Producer
beforeAll(async () => {
  const kafka = new Kafka({ brokers: [inject('kafkaBrokers')], logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await admin.connect()
  lasting.add({ close: () => admin.disconnect() })
  await producer.connect()
  lasting.add({ close: () => producer.disconnect() })
})
afterEach(async () => {
  await open.close()
  open = closer()
})
afterAll(() => lasting.close())

/** Both ways to a broker: a socket of our own, and a connection of the library, as it is used with TLS or a login. */
type Over = 'socket' | 'library'

/** Two partitions read over a way to the broker that can be broken. */
async function reading(over: Over) {
  const topic = randomName('topic')
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: false })
  await eventually(() => admin.fetchTopicMetadata({ topics: [topic] }), { what: 'leaders of the topic' })
  lasting.add({ close: () => admin.deleteTopics({ topics: [topic] }) }) // kafkajs asks for every topic it ever wrote to
  const broker = inject('kafkaBrokers')
  const [host = '', port = ''] = broker.split(':')
  const way: Way = await openWay({ host, port: Number(port) })
  open.add({ close: () => way.close() })
  const consumer = new Consumer({
    groupId: randomName('group'),
    clientId: 'test',
    bootstrapBrokers: [broker],
    connectTimeout: LIMIT_MS,
    requestTimeout: LIMIT_MS,
    retries: 0,
  })
  open.add({ close: () => consumer.close(true) })

  const offsets: number[][] = [[], []]
  const taker: Taker = {
    assigned: async () => new Map(),
    take({ partition }, run) {
      offsets[partition]?.push(...run.offsets.subarray(0, run.count))
    },
    failed: (error) => expect.unreachable(`the reading stopped: ${error}`),
  }
  const troubles: { code?: string; message: string }[] = []
  const log = Object.assign(Object.create(silentLog), {
    warn: ({ err }: { err: Error }) => void troubles.push(err),
  }) as Log
  const ends = new AbortController()
  const running = readPlaces({
    consumer: {
      connections: consumer.connections,
      // What the broker says of itself would lead past the way.
      async metadata(...asked: Parameters<Consumer['metadata']>) {
        const metadata = await consumer.metadata(...asked)
        return {
          ...metadata,
          brokers: new Map([...metadata.brokers].map(([id, one]) => [id, { ...one, port: way.port }])),
        }
      },
    } as unknown as Consumer,
    plain: over === 'socket',
    positions: [0, 1].map((partition) => ({ topic, partition, next: 0 })),
    taker,
    signal: ends.signal,
    paceMs: 5,
    log,
    limitMs: LIMIT_MS,
  })
  open.add({
    async close() {
      ends.abort()
      expect(await running).toBe('over')
    },
  })
  return {
    way,
    troubles,
    /** Sends ten records, half to each partition. kafkajs may send them twice: the log says what there is to read. */
    async send() {
      const messages = Array.from({ length: 10 }, (_, i) => ({ value: `v${i}`, partition: i % 2 }))
      await producer.send({ topic, messages })
    },
    /** Waits until everything in the log is there, each record once, each partition's in its order. */
    async complete() {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const own = offsets[partition] as number[]
        await eventually(() => own.length >= Number(high), { withinMs: 30_000, what: `${high} records` })
        expect(own).toEqual(Array.from({ length: Number(high) }, (_, i) => i))
      }
    },
  }
}

it.each<Over>(['socket', 'library'])(
  'reads on after a broker that was silent for longer than it may be, and loses and repeats nothing: %s',
  async (over) => {
    const { way, troubles, send, complete } = await reading(over)
    await send()
    await complete()
    way.freeze()
    await send()
    // The fetch that was on its way, and then one over a new connection, on which nothing comes back either.
    await eventually(() => troubles.length >= 2, { withinMs: 30_000, what: 'two fetches given up' })
    if (over === 'socket') {
      expect(troubles.map(({ code }) => code)).toEqual(troubles.map(() => 'KAFKA_AWAY'))
      expect(troubles[0]?.message).toContain(`${LIMIT_MS} ms`)
    }
    await send()
    await way.mend()
    await complete()
  },
)

it.each<Over>(['socket', 'library'])(
  'reads on after a broker that takes questions and cuts the line instead of answering: %s',
  async (over) => {
    const { way, troubles, send, complete } = await reading(over)
    await send()
    await complete()
    way.loseAnswers()
    await send()
    await eventually(() => troubles.length >= 3, { withinMs: 30_000, what: 'three answers lost' })
    await way.mend()
    await complete()
  },
)

it.each<Over>(['socket', 'library'])('reads on after a broker that cannot be reached: %s', async (over) => {
  const { way, troubles, send, complete } = await reading(over)
  await send()
  await complete()
  await way.cut()
  await send()
  await eventually(() => troubles.length >= 2, { withinMs: 30_000, what: 'two attempts that failed' })
  if (over === 'socket') expect(troubles.some(({ code }) => code === 'ECONNREFUSED')).toBe(true)
  await way.mend()
  await complete()
})

it.each<Over>(['socket', 'library'])('waits a little for an answer that comes late, and takes it: %s', async (over) => {
  const { way, troubles, send, complete } = await reading(over)
  way.delay(LIMIT_MS / 10)
  await send()
  await send()
  await complete()
  expect(troubles).toEqual([])
})
