import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import type { OrderStockConfirmed, OrderStockRejected, ShopEvent } from '#schemas/generated/events.ts'
import { createCatalog } from './app.ts'
import { unexplained } from './testing/books.ts'
import { orderCancelled, orderPaid, stockAsked } from './testing/events.ts'

let shop: TestService
let number = 0
beforeAll(async () => {
  shop = await startTestService(createCatalog)
})
afterAll(async () => {
  expect(await unexplained(shop.database)).toEqual([])
  await shop.close()
})

async function product(stock: number): Promise<string> {
  const body = {
    sku: `S-${++number}`,
    name: 'n',
    brand: 'b',
    category: 'c',
    price: { amount: '1', currency: 'EUR' },
    stock,
  }
  return (await shop.call('POST', '/v1/products', { as: 'catalog-admin', body })).body.id
}

async function stockOf(id: string) {
  const { available, reserved, sold } = (await shop.call('GET', `/v1/products/${id}`)).body
  return [available, reserved, sold]
}

async function answers(orderId: string, count: number): Promise<(OrderStockConfirmed | OrderStockRejected)[]> {
  return eventually(async () => {
    const all = (await shop.published('order-stock-statuses')) as (OrderStockConfirmed | OrderStockRejected)[]
    const ours = all.filter((event) => event.orderId === orderId)
    return ours.length >= count && ours
  })
}

/** Resolves when the consumer has finished with these deliveries: the inbox has a row of each. */
async function handled(...events: ShopEvent[]): Promise<void> {
  await shop.deliver(...events)
  await eventually(async () => {
    const ids = events.map(({ eventId }) => eventId)
    const rows = await shop.database.query('select 1 from inbox where event_id = any($1)', [ids])
    return rows.length === new Set(ids).size
  })
}

describe('an order', () => {
  test('reserves, and sells when it is paid', async () => {
    const id = await product(5)
    const orderId = newId()
    await handled(stockAsked(orderId, [{ productId: id, quantity: 2 }]))
    const [answer] = await answers(orderId, 1)
    expect(answer).toMatchObject({
      type: 'OrderStockConfirmed',
      orderVersion: 3,
      lines: [{ productId: id, quantity: 2, availableAfter: 3 }],
    })
    expect(await stockOf(id)).toEqual([3, 2, 0])
    await handled(orderPaid(orderId))
    expect(await stockOf(id)).toEqual([3, 0, 2])
    const events = await eventually(async () => {
      const told = (await shop.published('product-stock-changes')).filter(
        (event) => 'productId' in event && event.productId === id,
      )
      return told.length === 3 && told
    })
    expect(events).toMatchObject([
      { stockVersion: 1, reason: 'RECEIVED', orderId: null },
      { stockVersion: 2, reason: 'RESERVED', delta: -2, orderId },
      { stockVersion: 3, reason: 'SOLD', delta: -2, available: 3, reserved: 0, orderId },
    ])
  })

  test('that wants too much of one thing reserves nothing at all', async () => {
    const [much, little] = [await product(5), await product(1)]
    const orderId = newId()
    const unknown = newId()
    await handled(
      stockAsked(orderId, [
        { productId: much, quantity: 5 },
        { productId: little, quantity: 2 },
        { productId: unknown, quantity: 1 },
      ]),
    )
    const [answer] = await answers(orderId, 1)
    expect(answer).toMatchObject({
      type: 'OrderStockRejected',
      lines: [
        { productId: little, requested: 2, available: 1, reason: 'INSUFFICIENT' },
        { productId: unknown, requested: 1, available: 0, reason: 'UNKNOWN_PRODUCT' },
      ],
    })
    expect([await stockOf(much), await stockOf(little)]).toEqual([
      [5, 0, 0],
      [1, 0, 0],
    ])
  })

  test('for a discontinued product is refused', async () => {
    const id = await product(5)
    await shop.call('DELETE', `/v1/products/${id}`, { as: 'catalog-admin' })
    const orderId = newId()
    await handled(stockAsked(orderId, [{ productId: id, quantity: 1 }]))
    expect((await answers(orderId, 1))[0]).toMatchObject({ lines: [{ reason: 'DISCONTINUED', available: 0 }] })
  })

  test('that is cancelled gives back what it held', async () => {
    const id = await product(5)
    const orderId = newId()
    await handled(stockAsked(orderId, [{ productId: id, quantity: 5 }]))
    await handled(orderCancelled(orderId))
    await handled(orderCancelled(orderId))
    expect(await stockOf(id)).toEqual([5, 0, 0])
  })

  test('that is cancelled before it asked reserves nothing, and is not answered', async () => {
    const id = await product(5)
    const orderId = newId()
    await handled(orderCancelled(orderId))
    await handled(stockAsked(orderId, [{ productId: id, quantity: 1 }]))
    expect(await stockOf(id)).toEqual([5, 0, 0])
    expect(
      (await shop.published('order-stock-statuses')).filter((event) => 'orderId' in event && event.orderId === orderId),
    ).toEqual([])
  })

  test('that asks again gets the recorded answer: new event id, same content and time', async () => {
    const id = await product(1)
    const first = newId()
    const second = newId()
    for (const orderId of [first, second]) await handled(stockAsked(orderId, [{ productId: id, quantity: 1 }]))
    await shop.call('POST', `/v1/products/${id}/stock`, { as: 'catalog-admin', body: { delta: 9, reason: 'RECEIVED' } })
    for (const orderId of [first, second]) {
      await handled(stockAsked(orderId, [{ productId: id, quantity: 1 }], 2))
      const [one, two] = await answers(orderId, 2)
      expect(two?.eventId).not.toBe(one?.eventId)
      expect({ ...two, eventId: '' }).toEqual({ ...one, eventId: '' })
    }
    expect(await stockOf(id)).toEqual([9, 1, 0])
  })

  test('that is delivered again with the same event id changes nothing', async () => {
    const id = await product(5)
    const orderId = newId()
    const asked = stockAsked(orderId, [{ productId: id, quantity: 1 }])
    await shop.deliver(asked, asked, asked)
    await handled(asked, orderPaid(orderId), orderPaid(orderId))
    expect(await stockOf(id)).toEqual([4, 0, 1])
    expect(await answers(orderId, 1)).toHaveLength(1)
  })

  test('that is paid after its stock was given back is a dead letter, and an operator sees it', async () => {
    const orderId = newId()
    await handled(orderCancelled(orderId))
    const paid = orderPaid(orderId)
    await handled(paid)
    const list = await shop.call('GET', '/v1/dead-letters', { as: 'operator' })
    const letter = list.body.items.find(({ eventId }: { eventId: string }) => eventId === paid.eventId)
    expect(letter).toMatchObject({
      topic: 'paid-orders',
      key: orderId,
      state: 'OPEN',
      event: { orderId, totalMinor: 100 },
    })
    expect(letter.reason).toContain('given back')
    expect((await shop.call('GET', '/v1/dead-letters', { as: 'support' })).status).toBe(403)
  })
})

test('what is held, and for how long, is shown as metrics', async () => {
  const id = await product(1)
  await handled(stockAsked(newId(), [{ productId: id, quantity: 1 }]))
  const { body } = await shop.call('GET', '/metrics')
  expect(Number(/^catalog_reservations_held (\d+)/m.exec(body)?.[1])).toBeGreaterThan(0)
  expect(Number(/^catalog_oldest_reservation_seconds (\S+)/m.exec(body)?.[1])).toBeGreaterThan(0)
  expect(Number(/^catalog_products_sold_out (\d+)/m.exec(body)?.[1])).toBeGreaterThan(0)
})
