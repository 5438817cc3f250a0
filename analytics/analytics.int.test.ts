import type { ClickHouseClient } from '@clickhouse/client'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type TestIssuer, testIssuer } from '#pipelines/testing/tokens.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { type Analytics, createAnalytics } from './app.ts'
import { kafkajsSource } from './ingest/kafkajs-source.ts'
import { topicIdentity } from './ingest/topic-ids.ts'
import { openAnalyst, openReader, openStore, openUpkeep } from './store.ts'
import { item, orderEvents } from './testing/events.ts'
import { type Harness, harness } from './testing/harness.ts'

let shop: Harness
let analytics: Analytics
let issuer: TestIssuer
const orders = {
  shipped: newId(),
  paid: newId(),
  refunded: newId(),
  failed: newId(),
  rejected: newId(),
  yen: newId(),
}
const mug = newId()

async function get(path: string, role: 'analyst' | 'customer' = 'analyst') {
  const answer = await analytics.http.inject({ url: path, headers: await issuer.bearer(role) })
  return { status: answer.statusCode, body: answer.json() }
}

/** What changes tables may take longer than this client waits: it must go by the other one. */
function withoutDdl(store: ClickHouseClient): ClickHouseClient {
  const { command } = store
  store.command = async (statement) => {
    if (/^\s*(CREATE|ALTER|RENAME|DROP)\b/i.test(statement.query))
      throw new TypeError(`by the wrong client: ${statement.query}`)
    return await command.call(store, statement)
  }
  return store
}

beforeAll(async () => {
  shop = await harness()
  issuer = await testIssuer()
  const topics = Object.values(shop.topics)
  const address = {
    clickhouseUrl: inject('clickhouseUrl'),
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: shop.databases.published,
  }
  analytics = await createAnalytics(
    {
      store: withoutDdl(openStore({ ...address, clickhouseUser: 'ingest' })),
      upkeep: openUpkeep({ ...address, clickhouseUser: 'ingest' }),
      reader: openReader({ ...address, clickhouseUser: 'ingest' }),
      analyst: openAnalyst({ ...address, clickhouseAnalystUser: 'analyst', clickhouseAnalystPassword: '' }),
      source: kafkajsSource({ connection: { brokers: shop.brokers }, groupId: shop.group, topics, log: silentLog }),
      identity: () => topicIdentity({ brokers: shop.brokers }, topics),
      schemas: httpRegistry({ registryUrl: inject('registryUrl') }),
      auth: issuer.auth,
      clock: systemClock,
      log: silentLog,
      metrics: new Registry(),
    },
    { topics, databases: shop.databases },
  )
  await analytics.ingest()
  const two = [item({ productId: mug, name: 'Mug', quantity: 3 }), item({ lineNo: 2, name: 'Plate', quantity: 1 })]
  await shop.publish(
    ...orderEvents('Shipped', { orderId: orders.shipped, customerId: 'alice', items: two, at: Date.UTC(2026, 0, 1) }),
    ...orderEvents('Paid', {
      orderId: orders.paid,
      customerId: 'alice',
      items: [item({ productId: mug, quantity: 1 })],
      at: Date.UTC(2026, 0, 2),
    }),
    ...orderEvents('Refunded', { orderId: orders.refunded, customerId: 'alice', at: Date.UTC(2026, 0, 3) }),
    ...orderEvents('PaymentFailed', { orderId: orders.failed, customerId: 'bob', at: Date.UTC(2026, 0, 4) }),
    ...orderEvents('StockRejected', { orderId: orders.rejected, customerId: 'bob', at: Date.UTC(2026, 0, 5) }),
    ...orderEvents('Paid', {
      orderId: orders.yen,
      customerId: 'chie',
      currency: 'JPY',
      items: [item({ unitPriceMinor: 500 })],
      at: Date.UTC(2026, 0, 6),
    }),
  )
  await shop.publishBytes('orders', 0, Buffer.from('poison'))
  await eventually(async () => {
    const { body } = await get('/v1/analytics/completeness')
    return body.lag === 0 && body.topics.some((topic: { stored: number }) => topic.stored > 0)
  })
}, 60_000)

afterAll(async () => {
  await analytics?.close()
  await shop?.close()
})

describe('questions', () => {
  it('number of checkouts, all or within a span', async () => {
    expect((await get('/v1/analytics/order-checkouts')).body).toEqual({
      checkouts: 6,
      customers: 3,
      firstAt: '2026-01-01T00:00:00.000Z',
      lastAt: '2026-01-06T00:00:00.000Z',
    })
    const span = 'from=2026-01-02T00:00:00Z&to=2026-01-04T00:00:00Z'
    expect((await get(`/v1/analytics/order-checkouts?${span}`)).body).toMatchObject({ checkouts: 2, customers: 1 })
  })

  it('checkouts of a customer, page by page, newest first', async () => {
    const first = await get('/v1/analytics/order-checkouts/alice?limit=2')
    expect(first.body).toMatchObject({ customerId: 'alice', checkouts: 3 })
    expect(first.body.items.map((one: { orderId: string }) => one.orderId)).toEqual([orders.refunded, orders.paid])
    const second = await get(`/v1/analytics/order-checkouts/alice?limit=2&cursor=${first.body.nextCursor}`)
    expect(second.body.items).toEqual([
      {
        orderId: orders.shipped,
        checkedOutAt: '2026-01-01T00:00:00.000Z',
        status: 'Shipped',
        total: { amount: '50.00', currency: 'EUR' },
        itemCount: 2,
      },
    ])
    expect(second.body.nextCursor).toBeNull()
    expect((await get('/v1/analytics/order-checkouts/nobody')).body).toMatchObject({ checkouts: 0, items: [] })
  })

  it('top products of paid orders, by units or by revenue', async () => {
    const { body } = await get('/v1/analytics/products/top?limit=1&currency=EUR')
    expect(body.items).toEqual([
      {
        productId: mug,
        sku: 'SKU-1',
        name: 'Mug',
        brand: 'Acme',
        category: 'Kitchen',
        units: 4,
        orders: 2,
        revenue: { amount: '50.00', currency: 'EUR' },
      },
    ])
    const byRevenue = await get('/v1/analytics/products/top?by=revenue&currency=JPY')
    expect(byRevenue.body.items).toMatchObject([{ units: 2, revenue: { amount: '1000', currency: 'JPY' } }])
  })

  it('one whole order, with every record about it', async () => {
    const { status, body } = await get(`/v1/analytics/orders/${orders.refunded}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      orderId: orders.refunded,
      status: 'Cancelled',
      version: 5,
      customerId: 'alice',
      total: { amount: '25.00', currency: 'EUR' },
      stock: { outcome: 'Confirmed' },
      payment: {
        outcome: 'Refunded',
        charged: { amount: '25.00' },
        refunded: { amount: '25.00' },
        refundReason: 'CUSTOMER',
      },
      cancellation: { reason: 'CUSTOMER', from: 'STOCK_CONFIRMED', by: 'customer' },
      shipment: null,
      items: [{ name: 'Mug', quantity: 2, unitPrice: { amount: '12.50', currency: 'EUR' } }],
    })
    expect(body.times.checkedOutAt).toBe('2026-01-03T00:00:00.000Z')
    expect(body.events.map((event: { type: string }) => event.type)).toEqual(
      orderEvents('Refunded').map((event) => event.type),
    )
    expect((await get(`/v1/analytics/orders/${newId()}`)).status).toBe(404)
  })

  it('orders by status', async () => {
    expect((await get('/v1/analytics/orders/by-status')).body.items).toEqual([
      { status: 'Cancelled', orders: 3 },
      { status: 'Paid', orders: 2 },
      { status: 'Shipped', orders: 1 },
    ])
    const page = await get('/v1/analytics/orders?status=Paid&limit=1')
    expect(page.body.items).toMatchObject([{ orderId: orders.yen, total: { amount: '1000', currency: 'JPY' } }])
    const next = await get(`/v1/analytics/orders?status=Paid&limit=1&cursor=${page.body.nextCursor}`)
    expect(next.body).toMatchObject({ items: [{ orderId: orders.paid }], nextCursor: null })
  })

  it('total income per currency, refunds taken off', async () => {
    expect((await get('/v1/analytics/income')).body.items).toEqual([
      { orders: 3, charged: eur('87.50'), refunded: eur('25.00'), income: eur('62.50') },
      { orders: 1, charged: yen('1000'), refunded: yen('0'), income: yen('1000') },
    ])
  })

  it('payments by outcome', async () => {
    expect((await get('/v1/analytics/payments')).body.items).toEqual([
      { outcome: 'Succeeded', reason: null, payments: 2, amount: eur('62.50') },
      { outcome: 'Failed', reason: 'DECLINED', payments: 1, amount: eur('25.00') },
      { outcome: 'Refunded', reason: 'CUSTOMER', payments: 1, amount: eur('25.00') },
      { outcome: 'Succeeded', reason: null, payments: 1, amount: yen('1000') },
    ])
  })

  it('completeness and freshness', async () => {
    const { body } = await get('/v1/analytics/completeness')
    expect(body).toMatchObject({ missing: 0, twice: 0, lag: 0, deadLetters: 1 })
    const { body: fresh } = await get('/v1/analytics/freshness')
    expect(fresh.records).toBeGreaterThan(40)
    expect(fresh.p50Ms).toBeLessThan(60_000)
  })
})

it('answers readiness, refuses others, and names what is wrong with a request', async () => {
  expect((await get('/health/ready')).body).toMatchObject({ ready: true })
  expect((await get('/v1/analytics/income', 'customer')).status).toBe(403)
  expect((await get('/v1/analytics/orders/not-a-uuid')).status).toBe(400)
  expect((await get('/v1/analytics/income?from=yesterday')).status).toBe(400)
  expect((await get('/v1/analytics/order-checkouts/alice?cursor=zzz')).status).toBe(400)
})

const eur = (amount: string) => ({ amount, currency: 'EUR' })
const yen = (amount: string) => ({ amount, currency: 'JPY' })
