import type { ClickHouseClient } from '@clickhouse/client'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { type EventInput, type EventType, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import { openStore } from '../store.ts'
import { type Ending, item, orderEvents } from '../testing/events.ts'
import { orderPatchOf } from '../testing/order-patch.ts'
import { testWriting } from '../testing/writing.ts'
import { snakeCase } from './avro.ts'
import { columnsOfEvents } from './columns.ts'
import { storedColumns, viewOf } from './generate.ts'
import { databasesOf, migrate } from './migrate.ts'

let db: ClickHouseClient
const registry = httpRegistry({ registryUrl: inject('registryUrl') })
const codec = createCodec({ registry })
const databases = databasesOf(randomName('t'))

beforeAll(async () => {
  db = openStore({
    clickhouseUrl: inject('clickhouseUrl'),
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: databases.published,
  })
  await migrate(db, databases)
  await codec.prepare(eventTypes)
})
afterAll(async () => {
  for (const name of [databases.published, databases.store])
    await db.command({ query: `DROP DATABASE IF EXISTS ${name}` })
  await db.close()
})

async function rows<T>(query: string): Promise<T[]> {
  return await (await db.query({ query, format: 'JSONEachRow' })).json<T>()
}

/** Long types come back in several lines. */
const oneLine = (type: string) => type.replace(/\s+/g, ' ').replace(/\( /g, '(')

async function write(patches: readonly object[]) {
  if (patches.length > 0)
    await db.insert({ table: `${databases.store}.orders`, values: [...patches], format: 'JSONEachRow' })
}

const ENDINGS: readonly Ending[] = [
  'Submitted',
  'Paid',
  'Shipped',
  'Refunded',
  'PaymentFailed',
  'StockRejected',
  'CancelledByCustomer',
]

function patchOf(event: EventInput, orderId: string) {
  return { ...orderPatchOf(event as ShopEvent), order_id: orderId }
}

/** An order's events in any order, each any number of times, in flushes of any size. */
const scattered = fc.record({
  ending: fc.constantFrom(...ENDINGS),
  deliveries: fc.array(fc.nat(), { minLength: 0, maxLength: 30 }),
  order: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50, maxLength: 50 }),
  flushes: fc.integer({ min: 1, max: 5 }),
})

it('gives the row that the events say, for any order, repetition and grouping of an order’s events', async () => {
  const items = [item(), item({ lineNo: 2, name: 'Zebra "quoted" \\ 名', quantity: 7 })]
  const writing = testWriting(db, databases, registry)
  await fc.assert(
    fc.asyncProperty(fc.array(scattered, { minLength: 5, maxLength: 5 }), async (cases) => {
      const flushes: EventInput[][] = [[], [], [], [], []]
      const oracle: object[] = []
      const pairs = cases.map(({ ending, deliveries, order, flushes: many }) => {
        const [byHand, shuffled] = [newId(), newId()]
        const events = orderEvents(ending, { items, orderId: shuffled })
        oracle.push(...events.map((event) => patchOf(event, byHand)))
        // Each event once, and some again.
        const sent = [...events, ...deliveries.map((index) => events[index % events.length] as EventInput)]
        const mixed = sent.map((event, i) => ({ event, at: order[i % order.length] ?? 0 })).sort((a, b) => a.at - b.at)
        for (const [i, { event }] of mixed.entries()) flushes[i % many]?.push(event)
        return { byHand, shuffled }
      })
      await write(oracle)
      for (const events of flushes) {
        if (events.length === 0) continue
        for (const event of events) await writing.write(`t-${event.type}`, [codec.encode(event)])
        await writing.flush()
      }
      const ids = pairs.flatMap(({ byHand, shuffled }) => [`'${byHand}'`, `'${shuffled}'`])
      const found = await rows<{ order_id: string }>(
        `SELECT * FROM ${databases.published}.orders WHERE order_id IN (${ids.join(', ')})`,
      )
      expect(found.length).toBe(ids.length)
      const byId = new Map(found.map(({ order_id, ...rest }) => [order_id, rest]))
      for (const { byHand, shuffled } of pairs) expect(byId.get(shuffled)).toEqual(byId.get(byHand))
    }),
    { numRuns: 25 },
  )
  await db.command({ query: `OPTIMIZE TABLE ${databases.store}.orders FINAL` })
}, 120_000)

it('takes the greater of two different values of an order, in one flush as in two', async () => {
  const orders = [newId(), newId(), newId()]
  const writing = testWriting(db, databases, registry)
  const productId = newId() // one for both: two that are made in the same millisecond are in no order
  const [small, great] = [item({ productId, name: 'A', brand: 'A' }), item({ productId, name: 'B', brand: 'B' })]
  const said = (orderId: string, customerId: string, one: typeof small) =>
    (['Shipped', 'Refunded'] as const).flatMap((ending) =>
      orderEvents(ending, { orderId, customerId, items: [one] }).map((event) => ({ event, ending })),
    )
  for (const [n, orderId] of orders.entries()) {
    const first = said(orderId, 'customer-a', small)
    const second = said(orderId, 'customer-b', great)
    const sent = n === 0 ? [...first, ...second] : [...second, ...first]
    for (const [i, { event }] of sent.entries()) {
      await writing.write('any', [codec.encode(event)])
      if (n === 2 && i % 3 === 0) await writing.flush()
    }
  }
  await writing.flush()
  const found = await rows<Record<string, unknown>>(
    `SELECT customer_id, items.name AS names, items.brand AS brands, length(items) AS many, first_event_at, status
     FROM ${databases.published}.orders WHERE order_id IN (${orders.map((id) => `'${id}'`).join(', ')})`,
  )
  expect(found).toHaveLength(3)
  for (const row of found)
    expect(row).toEqual({
      customer_id: 'customer-b',
      names: ['B'],
      brands: ['B'],
      many: 1,
      first_event_at: '2027-01-15 08:00:00.000',
      status: 'Shipped',
    })
})

it.each([
  ['Submitted', { status: 'Submitted', payment_outcome: 'None', version: 2 }],
  ['Paid', { status: 'Paid', payment_outcome: 'Succeeded', version: 5, charged_minor: 2500, total_minor: 2500 }],
  ['Shipped', { status: 'Shipped', carrier: 'DHL', tracking_number: 'T1', version: 6 }],
  ['Refunded', { status: 'Cancelled', payment_outcome: 'Refunded', refunded_minor: 2500, cancel_reason: 'CUSTOMER' }],
  [
    'PaymentFailed',
    { status: 'Cancelled', payment_outcome: 'Failed', payment_fail_reason: 'DECLINED', charged_minor: null },
  ],
  [
    'StockRejected',
    {
      status: 'Cancelled',
      cancel_reason: 'STOCK',
      payment_outcome: 'None',
      rejected_lines: [expect.objectContaining({ reason: 'INSUFFICIENT' })],
    },
  ],
  [
    'CancelledByCustomer',
    { status: 'Cancelled', cancel_reason: 'CUSTOMER', cancelled_from: 'SUBMITTED', cancelled_by: 'customer' },
  ],
] as const)('joins an order that ends %s', async (ending, expected) => {
  const orderId = newId()
  await write(orderEvents(ending, { orderId }).map((event) => patchOf(event, orderId)))
  const [row] = await rows<object>(`SELECT * FROM ${databases.published}.orders WHERE order_id = '${orderId}'`)
  expect(row).toMatchObject({ customer_id: 'cust-1', item_count: 1, unit_count: 2, currency: 'EUR', ...expected })
})

it('finds the orders of a customer by index, each folded from all its parts', async () => {
  const [orderId, customerId] = [newId(), `cust-${newId()}`]
  const [checkout, ...later] = orderEvents('Paid', { orderId }).map((event) => patchOf(event, orderId))
  await write([{ ...checkout, customer_id: customerId }])
  await write(later.map((patch) => ({ ...patch, customer_id: '' })))
  const question = `SELECT order_id, status, payment_outcome FROM ${databases.published}.orders WHERE customer_id = '${customerId}'`
  expect(await rows(question)).toEqual([{ order_id: orderId, status: 'Paid', payment_outcome: 'Succeeded' }])
  const plan = await rows<{ explain: string }>(`EXPLAIN indexes = 1 ${question}`)
  expect(plan.map(({ explain }) => explain).join('\n')).toContain('Name: by_customer')
})

it('has a column for every field of every event, as the schemas of today ask for', async () => {
  const columns = await rows<{ name: string; type: string }>(`DESCRIBE TABLE ${databases.store}.events`)
  const stored = new Map(columns.map(({ name, type }) => [name, oneLine(type)]))
  for (const [name, type] of storedColumns()) expect([name, stored.get(name)]).toEqual([name, type])
  for (const [event, own] of columnsOfEvents() as ReadonlyMap<
    EventType,
    readonly { field: string; ownType: string }[]
  >) {
    const shown = new Map(
      (await rows<{ name: string; type: string }>(`DESCRIBE TABLE ${databases.published}.${viewOf(event)}`)).map(
        (one) => [one.name, oneLine(one.type)],
      ),
    )
    for (const { field, ownType } of own)
      expect([event, field, shown.get(snakeCase(field))]).toEqual([event, field, ownType])
  }
})

it('is migrated once, and refuses a file that was edited afterwards', async () => {
  await migrate(db, databases)
  await db.command({
    query: `ALTER TABLE ${databases.store}.migrations UPDATE checksum = 'other' WHERE name LIKE '001%' SETTINGS mutations_sync = 1`,
  })
  await expect(migrate(db, databases)).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
})
