import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { type EventInput, type EventOf, eventTypes } from '#schemas/generated/events.ts'
import { openAnalyst, openStore } from '../store.ts'
import { type Ending, item, orderEvents } from '../testing/events.ts'
import { testWriting } from '../testing/writing.ts'
import { databasesOf, migrate } from './migrate.ts'

const START = Date.UTC(2027, 0, 31, 22, 30)
const HOUR_MS = 3_600_000
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const databases = databasesOf(randomName('t'))
const address = {
  clickhouseUrl: inject('clickhouseUrl'),
  clickhouseUser: 'default',
  clickhousePassword: '',
  clickhouseAnalystUser: 'analyst',
  clickhouseAnalystPassword: '',
  clickhouseDatabase: databases.published,
}
const db: ClickHouseClient = openStore(address)
const analyst: ClickHouseClient = openAnalyst(address)
const registry = httpRegistry({ registryUrl: inject('registryUrl') })
const products = [newId(), newId(), newId()]
const events: readonly EventInput[] = [...ordersOfTwoDays(), ...productEvents()]

/** As ClickHouse writes it. */
function time(at: number) {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}

/** A small generator (mulberry32), so that a seed repeats a run. */
function random(from: number) {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function ordersOfTwoDays(): EventInput[] {
  const endings: readonly Ending[] = ['Shipped', 'Paid', 'Refunded', 'PaymentFailed', 'StockRejected', 'Submitted']
  return Array.from({ length: 24 }, (_, n) => {
    const [a = '', b = ''] = [products[n % 3], products[(n + 1) % 3]]
    const items = [item({ productId: a, name: `P${n % 3}` }), item({ lineNo: 2, productId: b, quantity: n + 1 })]
    const currency = n % 5 === 0 ? 'JPY' : 'EUR'
    return orderEvents(endings[n % endings.length] ?? 'Paid', { items, currency, at: START + n * HOUR_MS * 0.2 })
  }).flat()
}

function productEvents(): EventInput[] {
  const product = { sku: 'S', name: 'Mug', brand: 'Acme', category: 'Kitchen', currency: 'EUR' }
  return products.flatMap((productId, p) =>
    Array.from({ length: 6 }, (_, n): readonly EventInput[] => {
      const common = { productId, occurredAt: START + n * HOUR_MS }
      const moved = { stockVersion: n + 1, available: 100 - n, reserved: n, delta: -1 }
      const price = { priceVersion: n + 1, oldPriceMinor: n === 0 ? null : 1000 + n - 1, newPriceMinor: 1000 + n }
      return [
        { type: 'ProductStockChanged', eventId: newId(), ...common, ...moved, reason: 'RESERVED', orderId: newId() },
        ...(n <= p
          ? [{ type: 'ProductPriceChanged', eventId: newId(), ...common, ...product, ...price } as const]
          : []),
      ]
    }).flat(),
  )
}

const of = <T extends EventInput['type']>(type: T) =>
  events.filter((event) => event.type === type) as unknown as readonly EventOf<T>[]

async function rows<Row = object>(query: string, client = db): Promise<Row[]> {
  const clickhouse_settings = { output_format_json_quote_64bit_integers: 0 } as const
  return await (await client.query({ query, format: 'JSONEachRow', clickhouse_settings })).json<Row>()
}

beforeAll(async () => {
  const codec = createCodec({ registry })
  await codec.prepare(eventTypes)
  await migrate(db, databases)
  // In any order, a third of them again, in flushes of any size: what is late comes after all else of its order.
  const next = random(seed)
  const sent = [...events, ...events.filter(() => next() < 0.33)]
    .map((event) => ({ event, at: next() }))
    .sort((a, b) => a.at - b.at)
  const writing = testWriting(db, databases, registry)
  await db.command({ query: `SYSTEM STOP MERGES ${databases.store}.orders` })
  for (const { event } of sent) {
    await writing.write(`t-${event.type}`, [codec.encode(event)])
    if (next() < 0.05) await writing.flush()
  }
  await writing.flush()
}, 120_000)
afterAll(async () => {
  for (const name of [databases.published, databases.store])
    await db.command({ query: `DROP DATABASE IF EXISTS ${name}` })
  await Promise.all([db.close(), analyst.close()])
})

it(`order_items: the lines of each order once, whatever was repeated or late (SEED=${seed})`, async () => {
  const expected = of('UserCheckoutAccepted').flatMap(({ orderId, items }) =>
    items.map(({ productId, quantity, unitPriceMinor, lineNo }) => ({
      order_id: orderId,
      line_no: lineNo,
      product_id: productId,
      quantity,
      line_minor: quantity * unitPriceMinor,
    })),
  )
  const key = (row: { order_id: string; line_no: number }) => `${row.order_id} ${row.line_no}`
  const found = await rows<(typeof expected)[number]>(
    `SELECT order_id, line_no, product_id, quantity, line_minor FROM ${databases.published}.order_items`,
  )
  expect(found.sort((a, b) => key(a).localeCompare(key(b)))).toEqual(
    expected.sort((a, b) => key(a).localeCompare(key(b))),
  )
})

it('product_sales: what paid orders sold, by the day of payment, product and currency', async () => {
  const checkouts = new Map(of('UserCheckoutAccepted').map((event) => [event.orderId, event]))
  const expected: Record<string, { orders: number; units: number; revenue_minor: number }> = {}
  for (const { orderId, occurredAt } of of('OrderStatusChangedToPaid')) {
    const checkout = checkouts.get(orderId)
    for (const { productId, quantity, unitPriceMinor } of checkout?.items ?? []) {
      const day = new Date(occurredAt).toISOString().slice(0, 10)
      const key = `${day} ${productId} ${checkout?.currency}`
      const cell = expected[key] ?? { orders: 0, units: 0, revenue_minor: 0 }
      expected[key] = cell
      cell.orders++
      cell.units += quantity
      cell.revenue_minor += quantity * unitPriceMinor
    }
  }
  const found = await rows<{ key: string }>(
    `SELECT concat(toString(day), ' ', toString(product_id), ' ', currency) AS key, orders, units, revenue_minor FROM ${databases.published}.product_sales`,
  )
  expect(Object.fromEntries(found.map(({ key, ...rest }) => [key, rest]))).toEqual(expected)
  expect(new Set(found.map(({ key }) => key.slice(0, 10))).size).toBe(2)
})

it('price_history: each price once, from when until when', async () => {
  const prices = of('ProductPriceChanged')
  const expected = prices.map(({ productId, priceVersion, occurredAt, newPriceMinor, oldPriceMinor }) => {
    const after = prices.find((other) => other.productId === productId && other.priceVersion === priceVersion + 1)
    return {
      product_id: productId,
      price_version: priceVersion,
      valid_from: time(occurredAt),
      valid_to: after ? time(after.occurredAt) : null,
      price_minor: newPriceMinor,
      old_price_minor: oldPriceMinor,
    }
  })
  const found = await rows(
    `SELECT product_id, price_version, valid_from, valid_to, price_minor, old_price_minor FROM ${databases.published}.price_history`,
  )
  expect(found).toHaveLength(expected.length)
  expect(found).toEqual(expect.arrayContaining(expected))
})

it('stock_history: each movement once, and from a time on by stock_history_since', async () => {
  const expected = of('ProductStockChanged').map((event) => ({
    product_id: event.productId,
    stock_version: event.stockVersion,
    changed_at: time(event.occurredAt),
    reason: event.reason,
    delta: event.delta,
    available: event.available,
    reserved: event.reserved,
    order_id: event.orderId,
  }))
  const found = await rows(`SELECT * FROM ${databases.published}.stock_history`)
  expect(found).toHaveLength(expected.length)
  expect(found).toEqual(expect.arrayContaining(expected))
  const since = time(START + 3 * HOUR_MS)
  const later = await rows(`SELECT * FROM ${databases.published}.stock_history_since(since = '${since}')`)
  expect(later).toHaveLength(9)
  expect(later).toEqual(expect.arrayContaining(expected.filter(({ changed_at }) => changed_at >= since)))
})

it('checkout_funnel: how far the orders of an hour came', async () => {
  const of_ = (type: EventInput['type']) =>
    new Set(events.flatMap((event) => (event.type === type && 'orderId' in event ? [event.orderId] : [])))
  const steps = {
    submitted: of_('OrderStarted'),
    grace_over: of_('OrderStatusChangedToAwaitingValidation'),
    stock_reserved: of_('OrderStatusChangedToStockConfirmed'),
    paid: of_('OrderStatusChangedToPaid'),
    shipped: of_('OrderStatusChangedToShipped'),
    cancelled: of_('OrderStatusChangedToCancelled'),
  }
  const expected: Record<string, Record<string, number>> = {}
  for (const { orderId, occurredAt, currency } of of('UserCheckoutAccepted')) {
    const hour = time(occurredAt).slice(0, 13)
    const key = `${hour} ${currency}`
    const cell = expected[key] ?? { checked_out: 0 }
    expected[key] = cell
    cell.checked_out = (cell.checked_out ?? 0) + 1
    for (const [step, orders] of Object.entries(steps)) cell[step] = (cell[step] ?? 0) + (orders.has(orderId) ? 1 : 0)
  }
  const found = await rows<{ key: string }>(
    `SELECT concat(substring(toString(hour), 1, 13), ' ', currency) AS key, checked_out, submitted, grace_over, stock_reserved, paid, shipped, cancelled
     FROM ${databases.published}.checkout_funnel`,
  )
  expect(Object.fromEntries(found.map(({ key, ...rest }) => [key, rest]))).toEqual(expected)
})

it('orders_since: the orders that something happened to since, whole, whatever else is asked of them', async () => {
  const { published } = databases
  for (const hours of [0, 1, 2.5, 4.5]) {
    const since = time(START + hours * HOUR_MS)
    const all = await rows(
      `SELECT * FROM ${published}.orders WHERE toString(last_event_at) >= '${since}' ORDER BY order_id`,
    )
    expect(all.length).toBeGreaterThan(0)
    expect(await rows(`SELECT * FROM ${published}.orders_since(since = '${since}') ORDER BY order_id`)).toEqual(all)
    // By what only some of an order's stored rows tell.
    const paid = `customer_id = 'cust-1' AND channel = 'WEB' AND paid_at >= '${since}'`
    const ids = (from: string) => rows(`SELECT order_id FROM ${published}.${from} WHERE ${paid} ORDER BY order_id`)
    const expected = of('OrderStatusChangedToPaid')
      .filter(({ occurredAt }) => time(occurredAt) >= since)
      .map(({ orderId }) => orderId)
    expect((await ids(`orders_since(since = '${since}')`)).length).toBe(expected.length)
    expect((await ids('orders')).length).toBe(expected.length)
    const items = `SELECT count() AS n FROM ${published}`
    expect(await rows(`${items}.order_items_since(since = '${since}') WHERE paid_at >= '${since}'`)).toEqual(
      await rows(`${items}.order_items WHERE paid_at >= '${since}'`),
    )
  }
})

it('finds an order, its events and a time by index', async () => {
  const { published } = databases
  const explained = async (query: string) =>
    (await rows<{ explain: string }>(`EXPLAIN indexes = 1 ${query}`)).map(({ explain }) => explain).join('\n')
  const id = of('OrderStarted')[0]?.orderId
  expect(await explained(`SELECT * FROM ${published}.orders WHERE order_id = '${id}'`)).toContain(
    'UUIDToNum(order_id) in [',
  )
  expect(await explained(`SELECT * FROM ${published}.events WHERE order_id = '${id}'`)).toContain('Name: by_order')
  expect(await explained(`SELECT * FROM ${published}.order_events WHERE order_id = '${id}'`)).toContain(
    'Name: by_order',
  )
  expect(await explained(`SELECT count() FROM ${published}.events WHERE ingested_at > now()`)).toContain(
    'Name: by_time',
  )
  const recent = await explained(
    `SELECT * FROM ${published}.orders_since(since = '2027-02-01 00:00:00') WHERE customer_id = 'x'`,
  )
  expect(recent).toContain('Name: by_time')
  expect(recent).not.toContain('Name: by_customer')
  expect(
    await explained(`SELECT * FROM ${published}.orders WHERE customer_id = 'x' AND last_event_at > now()`),
  ).not.toContain('Name: by_time')
})

it('order_events and events_since: each record once, although some were written twice', async () => {
  const { published, store } = databases
  await db.command({ query: `INSERT INTO ${store}.events SELECT * FROM ${store}.events WHERE offset % 3 = 0` })
  await db.insert({
    table: `${store}.events`,
    values: [{ topic: 't-OrderStarted', partition: 0, offset: 0, type: 'DeadLetter' }],
    format: 'JSONEachRow',
  })
  const columns = 'topic, partition, offset, type, order_id'
  const all = await rows(`SELECT ${columns} FROM ${published}.events ORDER BY topic, offset`)
  const since = `${published}.events_since(since = '2000-01-01 00:00:00')`
  expect(await rows(`SELECT ${columns} FROM ${since} ORDER BY topic, offset`)).toEqual(all)
  expect(await rows(`SELECT ${columns} FROM ${published}.order_events ORDER BY topic, offset`)).toEqual(
    all.filter((row) => (row as { order_id: string | null }).order_id !== null),
  )
  expect(await rows(`SELECT 1 FROM ${published}.events_since(since = now() + INTERVAL 1 HOUR)`)).toEqual([])
})

it('lets analysts ask each of them', async () => {
  for (const from of [
    'order_items',
    'product_sales',
    'price_history',
    'stock_history',
    'checkout_funnel',
    'order_events',
  ])
    expect(await rows(`SELECT count() > 0 AS some FROM ${from}`, analyst)).toEqual([{ some: 1 }])
  for (const from of ['orders_since', 'order_items_since', 'stock_history_since', 'events_since'])
    expect(await rows(`SELECT count() > 0 AS some FROM ${from}(since = '2026-01-01 00:00:00')`, analyst)).toEqual([
      { some: 1 },
    ])
  await expect(
    rows(`SELECT * FROM ${databases.store}.orders_since(since = '2027-01-01 00:00:00')`, analyst),
  ).rejects.toThrow('not for analysts')
})

it('keeps imported orders, and gives them their ids anew, when the migration that sorts them is applied again', async () => {
  const { store, published } = databases
  await db.insert({
    table: `${store}.imported_lines`,
    values: [1, 2].map((line) => ({
      file_hash: 'a'.repeat(64),
      line,
      invoice: 'i',
      customer_id: 'c',
      sku: `s${line}`,
      quantity: 2,
      unit_price_minor: 100,
      currency: 'GBP',
      at: '2010-12-01 08:26:00.000',
    })),
    format: 'JSONEachRow',
  })
  const before = await rows(
    `SELECT count() AS n, sum(total_minor) AS total FROM ${published}.orders WHERE channel != 'REPLAY'`,
  )
  await db.command({
    query: `ALTER TABLE ${store}.migrations DELETE WHERE name LIKE '013%'`,
    clickhouse_settings: { mutations_sync: '1' },
  })
  await migrate(db, databases)
  expect(
    await rows(`SELECT count() AS n, sum(total_minor) AS total FROM ${published}.orders WHERE channel != 'REPLAY'`),
  ).toEqual(before)
  expect(
    await rows(
      `SELECT toString(UUIDv7ToDateTime(order_id, 'UTC')) AS made, item_count, total_minor FROM ${published}.orders WHERE channel = 'REPLAY'`,
    ),
  ).toEqual([{ made: '2010-12-01 08:26:00.000', item_count: 2, total_minor: 400 }])
})
