import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startBeside, startTestService } from '#pipelines/testing/service.ts'
import type { OrderStockConfirmed } from '#schemas/generated/events.ts'
import { createCatalog } from './app.ts'
import { unexplained } from './testing/books.ts'
import { orderCancelled, orderPaid, stockAsked } from './testing/events.ts'

const BUYERS = 400
const UNITS = 50

test('400 buyers of 50 units, three instances, everything delivered repeatedly: exactly 50 are sold', async () => {
  const shop = await startTestService(createCatalog, { maxConnections: 30 })
  const others = [await startBeside(shop, createCatalog), await startBeside(shop, createCatalog)]
  try {
    const body = {
      sku: 'RARE',
      name: 'Rare',
      brand: 'b',
      category: 'c',
      price: { amount: '1', currency: 'EUR' },
      stock: UNITS,
    }
    const { id } = (await shop.call('POST', '/v1/products', { as: 'catalog-admin', body })).body
    const orders = Array.from({ length: BUYERS }, () => newId())
    const lines = [{ productId: id, quantity: 1 }]

    // The same event twice, and the same question under a new event id.
    for (const orderId of orders) {
      const asked = stockAsked(orderId, lines)
      await shop.deliver(asked, asked, stockAsked(orderId, lines, 2))
    }
    const answered = await eventually(
      async () => {
        const events = await shop.published('order-stock-statuses')
        return events.length >= 2 * BUYERS && events
      },
      { withinMs: 90_000, what: 'two answers for each buyer' },
    )
    const confirmed = new Set(
      answered
        .filter((event): event is OrderStockConfirmed => event.type === 'OrderStockConfirmed')
        .map(({ orderId }) => orderId),
    )
    const rejected = new Set(
      answered.filter(({ type }) => type === 'OrderStockRejected').map((event) => 'orderId' in event && event.orderId),
    )
    expect(confirmed.size).toBe(UNITS)
    expect(rejected.size).toBe(BUYERS - UNITS)

    // Ten give back, the others pay; all of it three times.
    const [returned, paid] = [[...confirmed].slice(0, 10), [...confirmed].slice(10)]
    for (let time = 0; time < 3; time++) {
      await shop.deliver(...paid.map(orderPaid), ...returned.map(orderCancelled))
    }
    const latecomers = Array.from({ length: 20 }, () => newId())
    await eventually(async () => (await shop.call('GET', `/v1/products/${id}`)).body.available === 10)
    await shop.deliver(...latecomers.map((orderId) => stockAsked(orderId, lines)))
    const final = await eventually(
      async () => {
        const { body: product } = await shop.call('GET', `/v1/products/${id}`)
        return product.sold === 40 && product.reserved === 10 && product
      },
      { withinMs: 60_000, what: '40 sold and 10 reserved' },
    )
    expect(final.available).toBe(0)
    expect(await unexplained(shop.database)).toEqual([])
    const [lowest] = await shop.database.query('select min(available) as available from stock_movements')
    expect(lowest?.available).toBe(0)
  } finally {
    await Promise.all(others.map((other) => other.close()))
    await shop.close()
  }
})

test('orders of the same products in opposite order do not block each other', async () => {
  const shop = await startTestService(createCatalog, { maxConnections: 30 })
  try {
    const ids: string[] = []
    for (const sku of ['A', 'B', 'C']) {
      const body = { sku, name: sku, brand: 'b', category: 'c', price: { amount: '1', currency: 'EUR' }, stock: 1000 }
      ids.push((await shop.call('POST', '/v1/products', { as: 'catalog-admin', body })).body.id)
    }
    const lines = ids.map((productId) => ({ productId, quantity: 1 }))
    const orders = Array.from({ length: 120 }, () => newId())
    await shop.deliver(...orders.map((orderId, index) => stockAsked(orderId, index % 2 ? lines : lines.toReversed())))
    await eventually(async () => (await shop.published('order-stock-statuses')).length === orders.length)
    const [deadlocks] = await shop.database.query(
      'select deadlocks from pg_stat_database where datname = current_database()',
    )
    expect(deadlocks?.deadlocks).toBe(0)
    expect(await unexplained(shop.database)).toEqual([])
  } finally {
    await shop.close()
  }
})
