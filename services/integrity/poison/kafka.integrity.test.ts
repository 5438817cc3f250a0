import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PARTITIONS, type Part, type TopicName, topics } from '#pipelines/flow/map.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type Codec, createCodec } from '#schemas/codec/codec.ts'
import { type EventInput, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { aProduct, order, orderIn } from '#services/e2e/harness/test-shop.ts'
import { openShop, type Shop } from '#services/e2e/rest/shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { expectFate, type Letter, WITHIN_MS } from './fates.ts'
import { ABOUT_UNKNOWN, GOOD, keyBeside, type Poison, poisonsOf, TOPICS } from './poisons.ts'

/** The same poisons as on the broker in memory, here on Kafka, against the shop's processes, and against analytics as well. */
const SERVICES = ['basket', 'catalog', 'ordering', 'payment'] as const
type ServiceName = (typeof SERVICES)[number]

let local: LocalShop
let shop: Shop
let known: string
let codec: Codec
let producer: Producer
let admin: Admin
const databases = new Map<ServiceName, pg.Pool>()
beforeAll(async () => {
  local = await startLocalShop({ env: { GRACE_PERIOD_MS: '0', GRACE_INTERVAL_MS: '500' } })
  const addresses = localAddresses(readSettings({ ...process.env, ...local.env }))
  codec = createCodec({ registryUrl: addresses.registryUrl })
  await codec.prepare(eventTypes)
  const kafka = new Kafka({ brokers: [addresses.brokers], logLevel: logLevel.NOTHING })
  producer = kafka.producer()
  admin = kafka.admin()
  await producer.connect()
  await admin.connect()
  for (const name of SERVICES) databases.set(name, new pg.Pool({ connectionString: addresses.database(name), max: 2 }))
  shop = openShop(local.endpoints)
  known = await order(shop, 'taster', { product: await aProduct(shop) })
  await orderIn(shop, known, 'Paid')
}, 400_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  await producer?.disconnect()
  await admin?.disconnect()
  for (const pool of databases.values()) await pool.end()
  await local?.close()
}, 120_000)

const encode = (event: ShopEvent) => codec.encode(event as EventInput)
const readersOf = (topic: TopicName) =>
  (topics[topic].consumers as readonly Part[]).filter((part): part is ServiceName =>
    (SERVICES as readonly string[]).includes(part),
  )

async function rowsOf<R extends pg.QueryResultRow>(
  service: ServiceName,
  text: string,
  values: unknown[],
): Promise<R[]> {
  return (await databases.get(service)?.query<R>(text, values))?.rows ?? []
}

/** Writes them into the partition of the known order, in this order, and gives where they stand. */
async function write(topic: TopicName, records: readonly { key: string; value: Buffer | null }[]): Promise<number> {
  const partition = partitionOf(known, PARTITIONS)
  const messages = records.map(({ key, value }) => ({ key, value, partition }))
  const [written] = await producer.send({ topic, messages, acks: -1 })
  return Number(written?.baseOffset)
}

async function positionOf(service: ServiceName, topic: TopicName): Promise<number> {
  const [found] = await admin.fetchOffsets({ groupId: service, topics: [topic] })
  const partition = partitionOf(known, PARTITIONS)
  return Number(found?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
}

interface Stored {
  readonly at: string
  readonly reason: string
  readonly payload: string
}

/** What analytics has of a partition from an offset on: a row of each record, and of the dead ones the bytes in hexadecimal. */
async function storedFrom(topic: TopicName, from: number) {
  const partition = partitionOf(known, PARTITIONS)
  const of = `topic = '${topic}' and partition = ${partition} and offset >= ${from}`
  const read = async (query: string) => {
    const answer = await fetch(`${local.endpoints.clickhouse}/?user=ingest`, {
      method: 'POST',
      body: `${query} format JSON`,
    })
    return ((await answer.json()) as { data: Stored[] }).data
  }
  return {
    events: await read(`select toString(offset) as at from eshop.events where ${of}`),
    dead: await read(
      `select toString(offset) as at, reason, lower(hex(value)) as payload from eshop_store.dead_letters final where ${of}`,
    ),
  }
}

test.each(TOPICS)(
  '%s: every poison is one dead letter with its bytes, within 5 s the partition goes on, and nobody waits for it',
  { timeout: 120_000 },
  async (topic) => {
    const poisons = poisonsOf(topic, known, encode)
    const readers = readersOf(topic)
    const neighbour = (GOOD[topic] as (key: string) => ShopEvent)(ABOUT_UNKNOWN.has(topic) ? keyBeside(known) : known)
    const begun = performance.now()
    const first = await write(topic, [...poisons, { key: known, value: encode(neighbour) }])
    const end = first + poisons.length + 1

    for (const service of readers) {
      const isHandled = async () =>
        (
          await rowsOf(service, "select 1 from inbox where consumer = $1 and event_id = $2 and state = 'DONE'", [
            service,
            neighbour.eventId,
          ])
        ).length === 1
      await eventually(isHandled, { withinMs: WITHIN_MS, what: `${service} handles the neighbour` })
    }
    for (const service of readers) {
      await eventually(async () => (await positionOf(service, topic)) === end, {
        withinMs: Math.max(1, WITHIN_MS - (performance.now() - begun)),
        what: `${service} gets past the poison on ${topic}`,
      })
      const letters = await rowsOf<Letter>(
        service,
        'select key, code, reason, payload from dead_letters where consumer = $1 and topic = $2 and "offset" >= $3',
        [service, topic, first],
      )
      for (const poison of poisons) {
        const place = `${poison.name} on ${topic} for ${service}`
        expectFate(
          place,
          poison,
          letters.filter(({ key }) => key === poison.key),
        )
      }
    }
    await expectAllStored(topic, first, poisons)
  },
)

/** Analytics has each record once: those that nobody can read as dead letters with reason and bytes, the others as what happened. */
async function expectAllStored(topic: TopicName, first: number, poisons: readonly Poison[]): Promise<void> {
  const { events, dead } = await eventually(
    async () => {
      const stored = await storedFrom(topic, first)
      return stored.events.length > poisons.length && stored
    },
    { withinMs: WITHIN_MS, what: `analytics has all of ${topic}` },
  )
  const places = events.map((row) => Number(row.at)).toSorted((a, b) => a - b)
  expect(places).toEqual(Array.from({ length: poisons.length + 1 }, (_, at) => first + at))
  for (const [at, { name, value, fate }] of poisons.entries()) {
    const isUnreadable = fate instanceof RegExp || /^EVENT_/.test(String(fate))
    if (!isUnreadable) continue
    const letters = dead.filter((row) => Number(row.at) === first + at)
    const payloads = letters.map(({ payload }) => payload ?? '')
    expect({ name, topic, payloads }).toEqual({ name, topic, payloads: [value?.toString('hex') ?? ''] })
    expect(letters[0]?.reason.length, name).toBeGreaterThan(5)
  }
}

test('after all of it the shop sells as before', { timeout: 120_000 }, async () => {
  const orderId = await order(shop, 'taster-2', { product: await aProduct(shop) })
  await orderIn(shop, orderId, 'Paid')
})
