import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type KafkaCluster, kafkaCluster } from '#pipelines/testing/kafka-cluster.ts'
import { placeKey, type Taker } from '../source.ts'
import type { SourceName } from '../sources.ts'
import { type Member, Store } from './store.ts'
import { numbered, type World, worldOf } from './world.ts'

const PARTITIONS = 4
const SLOW = { withinMs: 180_000, everyMs: 100 }

/** What a source must do while the leaders of its partitions change. The cluster is the test's own. */
export function followsLeaders(name: SourceName): void {
  describe(name, () => {
    const open = closer()
    let cluster: KafkaCluster
    beforeAll(async () => {
      cluster = open.add(await kafkaCluster())
    })
    afterAll(() => open.close())
    const world = worldOf(name, () => cluster.addresses, { replicas: 2 })

    it('loses and repeats nothing while each broker is killed in turn and leads again later', async () => {
      const reading = await openReading(world)
      for (const broker of [cluster.two, cluster.one, cluster.two]) {
        await reading.spread()
        await broker.kill()
        await eventually(async () => !(await reading.leaders()).includes(broker.id), SLOW)
        await reading.goesOn()
        await broker.start()
        await reading.goesOn()
      }
      await reading.expectAll()
    })

    it('loses and repeats nothing while partitions move from broker to broker', async () => {
      const reading = await openReading(world)
      for (const replicas of [[1], [2], [1, 2], [2], [1], [2, 1]]) {
        const partitionAssignment = reading.partitions.map((partition) => ({ partition, replicas }))
        await world.admin.alterPartitionReassignments({ topics: [{ topic: reading.topic, partitionAssignment }] })
        await eventually(async () => (await reading.leaders()).every((leader) => leader === replicas[0]), SLOW)
        await reading.goesOn()
      }
      await reading.expectAll()
    })

    it('loses and repeats nothing while a leader falls silent, is replaced, and wakes up believing that it still leads', async () => {
      const reading = await openReading(world, { from: [cluster.one.address] })
      await reading.spread()
      const thaw = cluster.two.freeze()
      try {
        await eventually(async () => !(await reading.leaders()).includes(2), SLOW)
        await reading.goesOn()
      } finally {
        thaw()
      }
      await reading.goesOn()
      await reading.expectAll()
    })

    it('gives up, instead of reading other records under the offsets it has, when a leader lost what was read already', async () => {
      const topic = await world.topic(1)
      await world.admin.alterConfigs({
        validateOnly: false,
        resources: [
          { type: 2, name: topic, configEntries: [{ name: 'unclean.leader.election.enable', value: 'true' }] },
        ],
      })
      const partitionAssignment = [{ partition: 0, replicas: [2, 1] }]
      await world.admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] })
      const state = async () => {
        const { topics } = await world.admin.fetchTopicMetadata({ topics: [topic] })
        return topics[0]?.partitions[0]
      }
      await eventually(async () => (await state())?.leader === 2 && (await state())?.isr.length === 2, SLOW)
      await world.send(topic, numbered(0, 30))
      await cluster.one.kill()
      await eventually(async () => (await state())?.isr.length === 1, SLOW)
      await eventually(() => world.send(topic, numbered(30, 30)).then(() => true), SLOW)

      const store = new Store()
      const member = store.member('one')
      const own = world.source([topic])
      await own.start(asTheIngest(member, async () => (await own.ranges([topic]))[0]?.end ?? 0))
      await eventually(() => store.count(topic) === 60, SLOW)
      await cluster.two.kill()
      await cluster.one.start() // which has the first 30 only
      await eventually(async () => (await state())?.leader === 1, SLOW)
      await cluster.two.start() // follows now; it leads the group's own topic, which elects nobody who lost something
      await eventually(() => member.failures.length > 0, SLOW)
      expect(store.values(topic, 0)).toEqual(numbered(0, 60))
      expect(store.wrong).toEqual([])
      const code = expect.stringMatching(/^(POSITION_BEYOND_LOG|LOG_WENT_BACK|LOG_DIVERGED)$/)
      expect(member.failures[0]).toMatchObject({ code })
    })
  })
}

/** Refuses a log that ends before what was taken in, as the ingest does. */
function asTheIngest(member: Member, end: () => Promise<number>): Taker {
  return {
    ...member.taker,
    async assigned(places) {
      const from = await member.taker.assigned(places)
      for (const [, next] of from)
        if (next > (await end())) throw new CodedError('POSITION_BEYOND_LOG', 'more was taken in than the log has')
      return from
    },
  }
}

/** Asks by a connection of its own, as one that stays would ask a broker that fell silent. */
async function asked<T>(brokers: readonly string[], question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await question(admin)
  } finally {
    await admin.disconnect()
  }
}

async function producerTo(brokers: readonly string[]): Promise<Producer> {
  const limits = { requestTimeout: 3_000, connectionTimeout: 3_000, retry: { retries: 1 } }
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, ...limits })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  return producer
}

/** A topic that is written and read all the while. `from`: brokers that can always be asked. */
async function openReading(world: World, { from = world.brokers } = {}) {
  const topic = await world.topic(PARTITIONS)
  const partitions = Array.from({ length: PARTITIONS }, (_, i) => i)
  const acknowledged: Set<string>[] = partitions.map(() => new Set())
  let sending = true
  const sent = Promise.all(
    partitions.map(async (partition) => {
      for (let i = 0, producer: Producer | undefined; sending || producer; i++) {
        const value = `${partition}: ${i}`
        try {
          producer ??= await producerTo(world.brokers.toSorted(() => (i % 2) - 0.5))
          // What was refused or not answered may be in the log all the same: the log says what there is to read.
          await producer.send({ topic, acks: -1, messages: [{ value, partition }] })
          acknowledged[partition]?.add(value)
          await pause(5)
          if (sending) continue
        } catch {
          await pause(100)
        }
        // A new one after each failure: kafkajs asks a leader that fell silent for ever.
        await producer?.disconnect().catch(() => {})
        producer = undefined
      }
    }),
  )
  world.add({
    async close() {
      sending = false
      await sent
    },
  })
  const store = new Store()
  const member = store.member('one')
  await world.source([topic]).start(member.taker)
  const next = (partition: number) => store.next.get(placeKey({ topic, partition })) ?? 0

  async function leaders(): Promise<number[]> {
    const { topics } = await asked(from, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    return topics[0]?.partitions.map(({ leader }) => leader) ?? []
  }
  const endsNow = () => asked(from, (admin) => admin.fetchTopicOffsets(topic))

  return {
    topic,
    partitions,
    leaders,
    /** Waits until both lead. */
    async spread() {
      const both = async () => new Set(await leaders()).size === 2 && !(await leaders()).includes(-1)
      await eventually(both, { ...SLOW, what: 'both brokers lead partitions' })
      await this.goesOn()
    },
    /** Waits until records that were written from now on are read, of each partition. */
    async goesOn() {
      const so = acknowledged.map(({ size }) => size)
      const newer = (own: ReadonlySet<string>, i: number) => own.size > (so[i] ?? 0)
      await eventually(() => acknowledged.every(newer), { ...SLOW, what: 'records are acknowledged' })
      const ends = await eventually(endsNow, SLOW)
      await eventually(() => ends.every(({ partition, high }) => next(partition) >= Number(high)), {
        ...SLOW,
        what: `${JSON.stringify(ends.map(({ high }) => high))} are read, not ${partitions.map(next)}`,
      })
    },
    /** Stops the writing; every record of the log was read, once, in order, and every acknowledged one is in the log. */
    async expectAll() {
      sending = false
      await sent
      const ends = await eventually(endsNow, SLOW)
      for (const { partition, high } of ends) {
        await eventually(() => next(partition) >= Number(high), { ...SLOW, what: 'the last records' })
        const offsets = store.records.get(placeKey({ topic, partition }))?.map(({ offset }) => offset)
        expect(offsets).toEqual(Array.from({ length: Number(high) }, (_, i) => i))
        const read = new Set(store.values(topic, partition))
        expect([...(acknowledged[partition] as Set<string>)].filter((value) => !read.has(value))).toEqual([])
      }
      expect(acknowledged.every(({ size }) => size > 20)).toBe(true)
      expect([store.wrong, member.failures]).toEqual([[], []])
    },
  }
}
