import { Consumer } from '@platformatic/kafka'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterEach, expect, it } from 'vitest'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { kafkaCluster } from '#pipelines/testing/kafka-cluster.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { readPlaces } from './read-places.ts'

const SLOW = { withinMs: 120_000, everyMs: 100 }
const open = closer()
afterEach(() => open.close())

it('stops at a log that was written on elsewhere below what was read, instead of going on in the middle of other records', async () => {
  const cluster = open.add(await kafkaCluster())
  const topic = randomName('topic')
  const kafka = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING, requestTimeout: 5_000 })
  const admin = kafka.admin()
  await admin.connect()
  open.add({ close: () => admin.disconnect() })
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic,
        replicaAssignment: [{ partition: 0, replicas: [2, 1] }],
        configEntries: [{ name: 'unclean.leader.election.enable', value: 'true' }],
      },
    ],
  })
  const state = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions[0]
  const inSync = async () => (await state())?.isr.length
  async function send(count: number) {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    const messages = Array.from({ length: count }, (_, i) => ({ value: `v${i}`, partition: 0 }))
    const sending = () => producer.send({ topic, messages }).then(() => true)
    await eventually(sending, SLOW)
    await producer.disconnect()
  }
  await eventually(async () => (await inSync()) === 2, SLOW)
  await send(30)

  const consumer = new Consumer({
    groupId: randomName('group'),
    clientId: 'test',
    bootstrapBrokers: [...cluster.addresses],
    connectTimeout: 2_000,
    requestTimeout: 5_000,
  })
  open.add({ close: () => consumer.close(true) })
  const room = Promise.withResolvers<void>()
  const offsets: number[] = []
  const ends = new AbortController()
  open.add({ close: async () => ends.abort() })
  const reading = readPlaces({
    consumer,
    plain: true,
    positions: [{ topic, partition: 0, next: 0 }],
    taker: {
      assigned: async () => new Map(),
      take(_place, run) {
        offsets.push(...run.offsets.subarray(0, run.count))
        // It has no room with the last ones in its hands, and asks for no more meanwhile.
        return offsets.length > 30 ? room.promise : undefined
      },
      failed: () => {},
    },
    signal: ends.signal,
    paceMs: 5,
    log: silentLog,
  })
  const outcome = reading.catch((error: unknown) => error)
  await eventually(() => offsets.length === 30, SLOW)
  await cluster.one.kill()
  await eventually(async () => (await inSync()) === 1, SLOW)
  await send(30)
  await eventually(() => offsets.length > 30, SLOW)
  await cluster.two.kill()
  await cluster.one.start() // which has the first 30 only
  await eventually(async () => (await state())?.leader === 1, SLOW)
  await send(200) // under the offsets of those that were read, and far beyond
  room.resolve()
  const went = eventually(() => offsets.length > 60 && 'it read on in the middle of other records', SLOW)
  expect(await Promise.race([outcome, went.catch(() => 'it read nothing')])).toMatchObject({
    code: 'LOG_DIVERGED',
    retriable: false,
    facts: { topic, partition: 0, from: 30 },
  })
  expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, i) => i))
  expect(offsets.length).toBeLessThanOrEqual(60)
})
