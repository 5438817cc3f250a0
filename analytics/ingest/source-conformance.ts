import { Producer } from '@platformatic/kafka'
import { type Admin, Kafka, type Producer as KafkajsProducer, logLevel, Partitioners } from 'kafkajs'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { createLog, silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { SecuredKafka } from '../testing/secured-kafka.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { loadRdkafka } from './rdkafka/package.ts'
import { type LogRecord, type Place, placeKey, type RecordRun, type Source, type Taker } from './source.ts'
import { type SourceName, sources } from './sources.ts'

/** What the suite needs of the world: a Kafka of its own, as it restarts it. */
export interface ConformanceOutside {
  kafka(): SecuredKafka
  /** The compressions this client can read here. */
  readonly compressions: readonly Compression[]
  /** Whether the broker is killed, too, which takes its while. */
  readonly restarts: boolean
}

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** librdkafka reads zstd only where its headers were there when it was compiled. */
export function compressionsOf(name: SourceName): readonly Compression[] {
  if (name !== 'rdkafka' || loadRdkafka().features.includes('zstd')) return COMPRESSIONS
  return COMPRESSIONS.filter((one) => one !== 'zstd')
}

/** A machine that does much else is no failure. */
const PATIENT = { withinMs: 60_000 }

type Keeping = Map<string, LogRecord[]>

/**
 * What took records in, as ClickHouse would: shared by all members of a group, so that a place is read on from where anybody took it to. Anything
 * handed over that is not the very next record is noted as wrong.
 */
class Store {
  readonly records: Keeping = new Map()
  readonly wrong: string[] = []
  readonly next = new Map<string, number>()
  readonly owners = new Map<string, string>()

  /** A member of the group, with what it was given last. */
  member(name: string, { hold }: { hold?: () => Promise<void> | undefined } = {}) {
    const { records, wrong, next, owners } = this
    const given: (readonly Place[])[] = []
    const asked = new Set<string>()
    const failures: unknown[] = []
    let alive = 0
    const keep = (place: Place, run: RecordRun) => {
      const key = placeKey(place)
      const own = records.get(key) ?? []
      records.set(key, own)
      for (let i = 0; i < run.count; i++) {
        const record = run.record(i)
        if (owners.get(key) !== name) wrong.push(`${name} hands over ${key} of ${owners.get(key)}`)
        if (record.offset < (next.get(key) ?? 0)) wrong.push(`${name} hands over ${key} ${record.offset} again`)
        own.push(record)
        next.set(key, record.offset + 1)
      }
    }
    const taker: Taker = {
      async assigned(places) {
        given.push(places)
        for (const place of places) owners.set(placeKey(place), name)
        return new Map(places.map((place) => [placeKey(place), next.get(placeKey(place)) ?? 0]))
      },
      take(place, run, stillAlive) {
        asked.add(placeKey(place))
        const waiting = hold?.()
        if (!waiting) return keep(place, run)
        const over = given.length
        return (async () => {
          for (let done = false; !done; ) {
            done = await Promise.race([waiting.then(() => true), pause(200).then(() => false)])
            await stillAlive()
            alive++
          }
          if (over === given.length) keep(place, run)
        })()
      },
      failed: (error) => void failures.push(error),
    }
    return {
      taker,
      given,
      asked,
      failures,
      get alive() {
        return alive
      },
    }
  }

  count(topic: string): number {
    let sum = 0
    for (const [key, own] of this.records) if (key.startsWith(`${topic}/`)) sum += own.length
    return sum
  }

  values(topic: string, partition: number): (string | null)[] {
    return (this.records.get(`${topic}/${partition}`) ?? []).map(({ value }) => (value === null ? null : String(value)))
  }
}

/** Headers by bytes, as the writer wants them. */
function written<T extends { readonly headers: Readonly<Record<string, Buffer>> }>(message: T) {
  return {
    ...message,
    headers: new Map(Object.entries(message.headers).map(([key, value]) => [Buffer.from(key), value])),
  }
}

/** What every source must do, whichever client it is made of. */
export function sourceConformance(name: SourceName, { kafka, compressions, restarts }: ConformanceOutside): void {
  describe(name, () => {
    let plain: Kafka
    let admin: Admin
    let producer: KafkajsProducer
    const lasting = closer()
    let open = closer()

    beforeAll(async () => {
      plain = new Kafka({ brokers: [kafka().plainBroker], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
      admin = plain.admin()
      producer = plain.producer({ createPartitioner: Partitioners.DefaultPartitioner })
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

    async function topic(partitions = 2): Promise<string> {
      const made = randomName('topic')
      await admin.createTopics({ topics: [{ topic: made, numPartitions: partitions }], waitForLeaders: false })
      await eventually(() => admin.fetchTopicMetadata({ topics: [made] }), { what: 'leaders of the topic' })
      return made
    }

    function source(topics: readonly string[], groupId = randomName('group'), connection?: BrokerConnection): Source {
      const own = sources[name]({
        connection: connection ?? { brokers: [kafka().plainBroker] },
        groupId,
        topics,
        log: process.env.TEST_LOG ? createLog('source', process.env.TEST_LOG) : silentLog,
        sessionTimeoutMs: 6_000,
      })
      open.add(own)
      return own
    }

    async function send(to: string, values: readonly (string | null)[], partition = 0) {
      await producer.send({ topic: to, messages: values.map((value) => ({ value, partition })) })
    }

    const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => `v${from + i}`)

    it.each(compressions)('gives each record once, in order and whole: %s', async (compression) => {
      const read = await topic()
      const at = Date.now() - 600_000 // a broker refuses times to come
      const messages = Array.from({ length: 300 }, (_, i) => ({
        topic: read,
        partition: i % 2,
        timestamp: BigInt(at + i * 7 - (i % 3) * 1_000),
        ...(i % 5 !== 0 && { key: Buffer.from(`key ${i}`) }),
        value: (i % 7 === 0 ? undefined : Buffer.from(`value ${i} ${'x'.repeat(i)}`)) as Buffer,
        headers: (i % 4 === 0
          ? {}
          : { ce_id: Buffer.from(`id ${i}`), bytes: Buffer.from([0, 255, i % 256]) }) as Record<string, Buffer>,
      }))
      const writer = new Producer({ clientId: 'test', bootstrapBrokers: [kafka().plainBroker] })
      open.add({ close: () => writer.close() })
      // One partition at a time: this writer sends all partitions again when one has no leader yet.
      for (const [, own] of Map.groupBy(messages, ({ partition }) => partition))
        for (let from = 0; from < own.length; from += 50)
          await writer.send({ messages: own.slice(from, from + 50).map(written), compression, acks: -1 })
      const store = new Store()
      await source([read]).start(store.member('one').taker)
      await eventually(() => expect(store.count(read)).toBe(300) ?? true, { withinMs: 60_000, what: 'all records' })
      for (const partition of [0, 1]) {
        const own = messages.filter((message) => message.partition === partition)
        const found = store.records.get(`${read}/${partition}`) ?? []
        expect(found.map(({ offset }) => offset)).toEqual(own.map((_, i) => i))
        expect(found.map(({ timestamp }) => timestamp)).toEqual(own.map(({ timestamp }) => Number(timestamp)))
        expect(found.map(({ key }) => key)).toEqual(own.map(({ key }) => key ?? null))
        expect(found.map(({ value }) => value)).toEqual(own.map(({ value }) => value ?? null))
        expect(
          found.map(({ headers }) =>
            Object.fromEntries(Object.entries(headers).map(([one, value]) => [one, Buffer.from(value as Buffer)])),
          ),
        ).toEqual(own.map(({ headers }) => headers))
      }
      expect(store.wrong).toEqual([])
    })

    it('passes over what was given up and what only marks the end of a transaction', async () => {
      const read = await topic(1)
      const writing = plain.producer({
        transactionalId: randomName('tx'),
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      })
      await writing.connect()
      open.add({ close: () => writing.disconnect() })
      await send(read, ['before'])
      for (const [value, commit] of [
        ['kept', true],
        ['given up', false],
        ['kept, too', true],
      ] as const) {
        const transaction = await writing.transaction()
        await transaction.send({ topic: read, messages: [{ value, partition: 0 }] })
        await (commit ? transaction.commit() : transaction.abort())
      }
      await send(read, ['after'])
      const store = new Store()
      await source([read]).start(store.member('one').taker)
      await eventually(() => store.values(read, 0).at(-1) === 'after', PATIENT)
      expect(store.values(read, 0)).toEqual(['before', 'kept', 'kept, too', 'after'])
      const offsets = store.records.get(`${read}/0`)?.map(({ offset }) => offset) ?? []
      expect(offsets.slice(0, 2)).toEqual([0, 1])
      expect(offsets[2]).toBeGreaterThan(3) // behind a mark and what was given up
    })

    it('reads on from where the taker says, whatever Kafka was told', async () => {
      const read = await topic(2)
      await send(read, numbered(0, 20), 0)
      await send(read, numbered(0, 20), 1)
      const groupId = randomName('group')
      const first = source([read], groupId)
      const before = new Store()
      await first.start(before.member('one').taker)
      await eventually(() => before.count(read) === 40, PATIENT)
      await first.commit(
        new Map([
          [`${read}/0`, 20],
          [`${read}/1`, 20],
        ]),
      )
      const told = await admin.fetchOffsets({ groupId, topics: [read] })
      expect(told[0]?.partitions.map(({ offset }) => offset)).toEqual(['20', '20'])
      await first.close()
      const store = new Store()
      store.next.set(`${read}/0`, 5).set(`${read}/1`, 19)
      await source([read], groupId).start(store.member('two').taker)
      await eventually(() => store.count(read) === 16, PATIENT)
      expect(store.values(read, 0)).toEqual(numbered(5, 15))
      expect(store.values(read, 1)).toEqual(numbered(19, 1))
      expect(store.wrong).toEqual([])
    })

    it('waits while the taker has no room, keeps its place in the group, and then goes on', async () => {
      const read = await topic(2)
      const room = Promise.withResolvers<void>()
      let full = true
      const store = new Store()
      const member = store.member('one', { hold: () => (full ? room.promise : undefined) })
      await source([read]).start(member.taker)
      for (let i = 0; i < 20; i++) {
        await send(read, numbered(i * 50, 50), 0)
        await send(read, numbered(i * 50, 50), 1)
      }
      await eventually(() => member.alive >= 3, PATIENT)
      // One run of a place at a time, and nothing is kept meanwhile.
      expect(store.count(read)).toBe(0)
      expect(member.given).toHaveLength(1)
      full = false
      room.resolve()
      await eventually(() => store.count(read) === 2_000, { withinMs: 60_000 })
      for (const partition of [0, 1]) expect(store.values(read, partition)).toEqual(numbered(0, 1_000))
      expect([store.wrong, member.failures, member.given.length]).toEqual([[], [], 1])
    })

    it('hands partitions over and takes them back, never two at a time, with records coming all the while', async () => {
      const read = await topic(4)
      const groupId = randomName('group')
      const store = new Store()
      let sent = 0
      let sending = true
      const records = (async () => {
        for (; sending; sent += 40) {
          for (let partition = 0; partition < 4; partition++) await send(read, numbered(sent / 4, 10), partition)
          await pause(20)
        }
      })()
      const one = store.member('one')
      await source([read], groupId).start(one.taker)
      await eventually(() => store.count(read) > 0, PATIENT)
      const two = store.member('two')
      const second = source([read], groupId)
      await second.start(two.taker)
      const shared = () => one.given.at(-1)?.length === 2 && two.given.at(-1)?.length === 2
      await eventually(shared, { withinMs: 40_000, what: 'two partitions each' })
      const so = store.count(read)
      await eventually(() => store.count(read) > so + 200 && two.asked.size > 0, { withinMs: 30_000 })
      await second.close()
      await eventually(() => one.given.at(-1)?.length === 4, { withinMs: 40_000, what: 'all partitions again' })
      sending = false
      await records
      await eventually(() => store.count(read) === sent, { withinMs: 30_000, what: 'all records' })
      for (let partition = 0; partition < 4; partition++)
        expect(store.values(read, partition)).toEqual(numbered(0, sent / 4))
      expect([store.wrong, one.failures, two.failures]).toEqual([[], [], []])
    })

    it('asks again when the log does not hold the position any more', async () => {
      const read = await topic(1)
      await send(read, numbered(0, 30))
      const drop = (offset: number) =>
        admin.deleteTopicRecords({ topic: read, partitions: [{ partition: 0, offset: String(offset) }] })
      await drop(10)
      const store = new Store()
      store.next.set(`${read}/0`, 3)
      const member = store.member('one')
      const own = source([read])
      const { taker } = member
      const asking: Taker = {
        ...taker,
        async assigned(places) {
          // The second time as the ingest does: by what the log has.
          const from = await taker.assigned(places)
          if (member.given.length === 1) return from
          const [range] = await own.ranges([read])
          expect(range).toEqual({ topic: read, partition: 0, first: 10, end: 30 })
          return new Map([[`${read}/0`, 10]])
        },
      }
      await own.start(asking)
      await eventually(() => store.count(read) === 20, PATIENT)
      expect(store.values(read, 0)).toEqual(numbered(10, 20))
      expect(member.given.length).toBeGreaterThan(1)
      expect([store.wrong, member.failures]).toEqual([[], []])
    })

    it.runIf(restarts)('goes on after the broker was killed and came back', async () => {
      const read = await topic(2)
      await send(read, numbered(0, 50), 0)
      const store = new Store()
      const member = store.member('one')
      await source([read]).start(member.taker)
      await eventually(() => store.count(read) === 50, PATIENT)
      await kafka().restart(300)
      await eventually(() => send(read, numbered(0, 50), 1).then(() => true), { withinMs: 60_000 })
      await eventually(() => store.count(read) >= 100, { withinMs: 60_000, what: 'the records after the restart' })
      await send(read, ['last'], 0)
      await eventually(() => store.values(read, 0).at(-1) === 'last', { withinMs: 30_000 })
      expect(store.values(read, 0)).toEqual([...numbered(0, 50), 'last'])
      expect([store.wrong, member.failures]).toEqual([[], []])
    })

    it('ends while it fetches and while it waits for room, and hands nothing over after', async () => {
      const read = await topic(2)
      await send(read, numbered(0, 500), 0)
      const never = Promise.withResolvers<void>()
      const store = new Store()
      const member = store.member('one', { hold: () => never.promise })
      const own = source([read])
      await own.start(member.taker)
      await eventually(() => member.asked.size > 0, PATIENT)
      const closing = own.close()
      await send(read, numbered(0, 500), 1)
      never.resolve()
      await closing
      const kept = store.count(read)
      await pause(300)
      expect(store.count(read)).toBe(kept)
      expect(member.failures).toEqual([])
    })

    it('reads a cluster that wants TLS and a login', async () => {
      const read = await topic(1)
      await send(read, ['one', 'two'])
      const { securedBroker, certificate, username, password } = kafka()
      const sasl = { mechanism: 'plain', username, password } as const
      const own = source([read], randomName('group'), { brokers: [securedBroker], ssl: { ca: certificate }, sasl })
      const store = new Store()
      await own.start(store.member('one').taker)
      await eventually(() => store.count(read) === 2, PATIENT)
      expect(store.values(read, 0)).toEqual(['one', 'two'])
      expect(await own.ranges([read])).toEqual([{ topic: read, partition: 0, first: 0, end: 2 }])
    })
  })
}
