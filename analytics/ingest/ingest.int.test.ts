import avro from 'avsc'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, expect, inject, it } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { RegistryUnavailable } from '#schemas/codec/errors.ts'
import { HEADER_BYTES, writeHeader } from '#schemas/codec/frame.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import type { Registry } from '#schemas/codec/registry.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import type { Taker } from './source.ts'

let shop: Harness
afterEach(() => shop?.close())

it('takes in every record once, and none of what is sensitive', async () => {
  shop = await harness()
  const ingest = await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('StockRejected'))
  await exactlyOnce(shop)
  await ingest.healthy()
  const { store, published } = shop.databases
  const [checkout] = await shop.rows<Record<string, unknown>>(
    `SELECT * FROM ${published}.user_checkout_accepted LIMIT 1`,
  )
  expect(checkout).toMatchObject({
    customer_id: 'cust-1',
    total_minor: 2500,
    currency: 'EUR',
    channel: 'WEB',
    card_last4: '4242',
  })
  const everything = JSON.stringify([
    await shop.rows(`SELECT * FROM ${store}.events`),
    await shop.rows(`SELECT * FROM ${store}.orders`),
  ])
  expect(everything).not.toMatch(/tok_|Secret Street|1010/)
})

it('tells Kafka how far it is, also of the last records before a rest, so that no lag tool waits for them', async () => {
  shop = await harness()
  await shop.startIngest()
  const admin = new Kafka({ brokers: [...shop.brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const behind = async () => {
      const told = await admin.fetchOffsets({ groupId: shop.group, topics: Object.values(shop.topics) })
      const ends = await shop.ranges()
      const offsets = new Map(
        told.flatMap(({ topic, partitions }) =>
          partitions.map((one) => [`${topic}/${one.partition}`, Number(one.offset)]),
        ),
      )
      return ends.filter(({ topic, partition, end }) => offsets.get(`${topic}/${partition}`) !== end)
    }
    await shop.publish(...orderEvents('Paid'))
    await exactlyOnce(shop)
    await shop.publish(...orderEvents('Shipped')) // soon after: within the time between two tellings
    await exactlyOnce(shop)
    await eventually(async () => (await behind()).length === 0, { withinMs: 20_000 })
  } finally {
    await admin.disconnect()
  }
})

it('goes on where ClickHouse says, after being stopped and started with records in between', async () => {
  shop = await harness()
  const first = await shop.startIngest()
  await shop.publish(...orderEvents('Paid'))
  await exactlyOnce(shop)
  await first.close()
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('Refunded'))
  await shop.startIngest()
  await exactlyOnce(shop)
})

it('puts what it cannot read aside, with its bytes and why, and goes on with the rest', async () => {
  shop = await harness()
  await shop.startIngest()
  const [checkout, started] = orderEvents('Submitted')
  const inMicros = { ...started, occurredAt: 1_800_000_000_000_000 } as typeof started
  await shop.publish(...[checkout, inMicros].filter((event) => event !== undefined))
  const poison = [
    Buffer.from('not avro'),
    Buffer.from([0, 0, 0, 0, 1]),
    Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2]),
    null,
  ]
  for (const bytes of poison) await shop.publishBytes('orders', 1, bytes)
  await shop.publish(...orderEvents('Paid'))
  await exactlyOnce(shop)
  const { published, store } = shop.databases
  const dead = await shop.rows<{ code: string; bytes: string | null }>(
    `SELECT code, hex(value) AS bytes FROM ${store}.dead_letters FINAL ORDER BY code`,
  )
  expect(dead).toMatchObject([
    { code: 'EVENT_EMPTY', bytes: null },
    { code: 'EVENT_NOT_FRAMED', bytes: Buffer.from('not avro').toString('hex').toUpperCase() },
    { code: 'EVENT_SCHEMA_UNKNOWN', bytes: '007FFFFFFF0102' },
    { code: expect.stringMatching(/^EVENT_/), bytes: '0000000001' },
    { code: 'VALUE_OUT_OF_RANGE' },
  ])
  const columns = await shop.rows<{ name: string }>(`DESCRIBE TABLE ${published}.dead_letters`)
  expect(columns.map(({ name }) => name)).not.toContain('value')
})

it('shares the partitions with a second instance and takes them over, several times, with records coming all the while', async () => {
  shop = await harness()
  const publishing = { on: true }
  const publisher = (async () => {
    while (publishing.on) await shop.publish(...orderEvents('Shipped'), ...orderEvents('Refunded'))
  })()
  const first = await shop.startIngest()
  for (let round = 0; round < 3; round++) {
    const second = await shop.startIngest()
    await eventually(() => second.healthy().then(() => true), { withinMs: 30_000 })
    await second.close()
  }
  const last = await shop.startIngest()
  await first.close()
  publishing.on = false
  await publisher
  await exactlyOnce(shop)
  await last.healthy()
})

it('shows each record once although its insert was repeated, as after an answer that was lost', async () => {
  shop = await harness()
  const ingest = await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'))
  await exactlyOnce(shop)
  await ingest.close()
  const { store, published } = shop.databases
  for (const table of ['events', 'orders'])
    await shop.db.command({ query: `INSERT INTO ${store}.${table} SELECT * FROM ${store}.${table}` })
  await exactlyOnce(shop)
  expect(await shop.rows(`SELECT count() AS rows FROM ${published}.order_started`)).toEqual([{ rows: 1 }])
})

it('counts an order once whose events were sent again', async () => {
  shop = await harness()
  await shop.startIngest()
  const events = orderEvents('Paid')
  await shop.publish(...events, ...events.map((event) => ({ ...event, eventId: newId() })), ...events)
  await exactlyOnce(shop)
  expect(
    await shop.rows(`SELECT status, total_minor, length(items) AS items FROM ${shop.databases.published}.orders`),
  ).toEqual([{ status: 'Paid', total_minor: 2500, items: 1 }])
})

it('stops with a message on a topic that was made anew, instead of skipping its records', async () => {
  shop = await harness()
  const before = await shop.startIngest()
  await shop.publish(...orderEvents('Paid'))
  await exactlyOnce(shop)
  await before.close()
  await shop.recreate('orders')
  const after = await shop.startIngest()
  const reason = await eventually(
    async () =>
      after.healthy().then(
        () => undefined,
        (error: { code: string }) => error.code !== 'INGEST_STARTING' && error,
      ),
    { withinMs: 30_000 },
  )
  expect(reason).toMatchObject({ code: 'TOPIC_RECREATED', message: expect.stringContaining(shop.topics.orders) })
})

it('stays stopped, and says for what, though its group gives it partitions again', async () => {
  shop = await harness()
  const { promise: begun, resolve } = Promise.withResolvers<Taker>()
  const ingest = await shop.startIngest({
    source: {
      start: async (taker) => resolve(taker),
      commit: async () => {},
      ranges: () => shop.ranges(),
      close: async () => {},
    },
  })
  const taker = await begun
  const places = [{ topic: shop.topics.orders, partition: 0 }]
  await expect(ingest.healthy()).rejects.toMatchObject({ code: 'INGEST_STARTING' })
  expect(await taker.assigned(places)).toEqual(new Map([[`${shop.topics.orders}/0`, 0]]))
  await ingest.healthy()
  taker.failed(new Unavailable('KAFKA_AWAY', 'the source gave up'))
  await expect(ingest.healthy()).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
  await expect(taker.assigned(places)).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
  await expect(ingest.healthy()).rejects.toMatchObject({ code: 'KAFKA_AWAY', message: 'the source gave up' })
})

it('writes a flush of events as one part', async () => {
  shop = await harness()
  const { store } = shop.databases
  await shop.db.command({ query: `SYSTEM STOP MERGES ${store}.events` })
  for (let i = 0; i < 40; i++) await shop.publish(...Array.from({ length: 5 }, () => orderEvents('Shipped')).flat())
  await shop.startIngest({ flushMs: 3_000 })
  await exactlyOnce(shop)
  const parts = await shop.rows<{ rows: number }>(
    `SELECT rows FROM system.parts WHERE database = '${store}' AND table = 'events' AND active`,
  )
  const records = [...(await shop.counts()).values()].reduce((sum, count) => sum + count, 0)
  expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(records)
  expect(parts.length).toBeLessThanOrEqual(3)
})

/** A registry that can be away, and that can answer wrongly. */
function brokenRegistry() {
  const registry = httpRegistry({ registryUrl: inject('registryUrl') })
  let answer: (id: number) => Promise<string | undefined> = (id) => registry.schemaOf(id)
  const asked: number[] = []
  return {
    registry,
    asked,
    schemaOf(id: number) {
      asked.push(id)
      return answer(id)
    },
    leave() {
      answer = () => Promise.reject(new RegistryUnavailable({ url: 'http://registry.test' }))
    },
    forget() {
      answer = async () => undefined
    },
    mend() {
      answer = (id) => registry.schemaOf(id)
    },
  }
}

const rowsIn = async (table: string) => {
  const [row] = await shop.rows<{ rows: number }>(`SELECT count() AS rows FROM ${table}`)
  return row?.rows ?? 0
}

it('waits for a registry that is away, and loses nothing', async () => {
  shop = await harness()
  const registry = brokenRegistry()
  registry.leave()
  await shop.startIngest({ registry })
  await shop.publish(...orderEvents('Shipped'))
  await eventually(() => registry.asked.length > 10, { what: 'records tried again' })
  expect(await rowsIn(`${shop.databases.store}.events`)).toBe(0)
  registry.mend()
  await exactlyOnce(shop)
  expect(await rowsIn(`${shop.databases.published}.dead_letters`)).toBe(0)
})

it('takes in what it knows while the registry is away, and holds back what comes behind a schema that is new', async () => {
  shop = await harness()
  const registry = brokenRegistry()
  await shop.startIngest({ registry })
  await shop.publish(...orderEvents('Shipped'))
  await exactlyOnce(shop)
  registry.leave()
  registry.asked.length = 0
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('Paid').slice(0, 2))
  await exactlyOnce(shop) // no schema of these is new
  expect(registry.asked).toEqual([])

  const { id, bytes } = await ofANewVersion(registry.registry)
  const so = await rowsIn(`${shop.databases.published}.events`)
  for (let i = 0; i < 3; i++) await shop.publishBytes('shipped-orders', 0, bytes)
  await eventually(() => registry.asked.length > 3, { what: 'the new schema is asked for again and again' })
  await shop.publish(...orderEvents('Refunded'))
  expect(new Set(registry.asked)).toEqual(new Set([id]))
  expect(await rowsIn(`${shop.databases.published}.dead_letters`)).toBe(0)
  registry.mend()
  await exactlyOnce(shop)
  expect(await rowsIn(`${shop.databases.published}.events`)).toBeGreaterThan(so + 3)
  expect(await rowsIn(`${shop.databases.published}.dead_letters`)).toBe(0)
})

it('waits for a registry that does not know a schema yet, and gives no good record up', async () => {
  shop = await harness()
  const registry = brokenRegistry()
  await shop.startIngest({ registry })
  const { bytes } = await ofANewVersion(registry.registry)
  registry.forget() // as a replica that lags
  await shop.publishBytes('shipped-orders', 0, bytes, { ce_type: 'OrderStatusChangedToShipped' })
  await eventually(() => registry.asked.length > 2, { what: 'the schema is asked for again' })
  registry.mend()
  await exactlyOnce(shop)
  expect(await rowsIn(`${shop.databases.published}.dead_letters`)).toBe(0)
})

/** An event as a producer of tomorrow writes it, whose schema was registered a moment ago. */
async function ofANewVersion(registry: Registry): Promise<{ id: number; bytes: Buffer }> {
  const ours = JSON.parse(eventSchemas.OrderStatusChangedToShipped.schema)
  const added = { name: randomName('field'), type: ['null', 'string'], default: null, doc: 'a field of tomorrow' }
  const schema = { ...ours, fields: [...ours.fields, added] }
  const { id } = await registry.register(randomName('version'), JSON.stringify(schema))
  const event = orderEvents('Shipped').find(({ type }) => type === 'OrderStatusChangedToShipped')
  const body = avro.Type.forSchema(schema).toBuffer({ ...event, [added.name]: 'tomorrow' })
  const bytes = Buffer.alloc(HEADER_BYTES + body.length)
  writeHeader(bytes, id)
  body.copy(bytes, HEADER_BYTES)
  return { id, bytes }
}
