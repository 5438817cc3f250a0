import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import type { OrderStarted, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import { createBasket } from './app.ts'
import { learnProduct } from './store/products.ts'
import { product, productId } from './testing/baskets.ts'
import { testCatalog } from './testing/catalog.ts'
import { CHECKOUT } from './testing/rig.ts'

const SETTINGS = {
  orderingUrl: 'http://ordering.test',
  basketMaxLines: 1_000,
  basketMaxQuantity: 100,
  basketTtlMs: 3_600_000,
  checkoutResendMs: 60_000,
}
const catalog = testCatalog(product(1), product(2))

let basket: TestService
beforeAll(async () => {
  basket = await startTestService((outside, http) => createBasket({ ...outside, catalog }, SETTINGS, http))
})
afterAll(() => basket?.close())

const as = (sub: string) => ({ as: 'customer', sub }) as const
const put = (sub: string, n: number, quantity: number) =>
  basket.call('PUT', `/v1/basket/items/${productId(n)}`, { ...as(sub), body: { quantity } })
const checkout = (sub: string) =>
  basket.call('POST', '/v1/basket/checkout', { ...as(sub), body: CHECKOUT, headers: { 'idempotency-key': newId() } })
const checkoutOf = async (orderId: string): Promise<UserCheckoutAccepted> =>
  eventually(async () => {
    const found = (await basket.published('order-checkouts')) as UserCheckoutAccepted[]
    return found.find((event) => event.orderId === orderId)
  })

it('a checkout reaches its topic as its schema wants it, and OrderStarted lets go of basket and address', async () => {
  await put('alice', 1, 2)
  const answer = await checkout('alice')
  expect(answer.status).toBe(202)
  const event = await checkoutOf(answer.body.orderId)
  expect(event).toMatchObject({ customerId: 'alice', totalMinor: 2_000, taxMinor: 0, cardLast4: null, channel: 'API' })
  await put('alice', 2, 7)
  const { orderId, basketId, basketVersion, customerId } = event
  const started: OrderStarted = {
    type: 'OrderStarted',
    eventId: newId(),
    occurredAt: Date.now(),
    orderId,
    version: 1,
    customerId,
    placedAt: event.occurredAt,
    basketId,
    basketVersion,
  }
  await basket.deliver(started, { ...started, eventId: newId() })
  await eventually(
    async () => (await basket.call('GET', answer.body.links.self, as('alice'))).body.status === 'Started',
  )
  expect(await basket.database.query('select event from checkouts')).toEqual([{ event: null }])
  expect((await basket.call('GET', '/v1/basket', as('alice'))).body).toMatchObject({ unitCount: 7 })
  expect(await basket.database.query('select 1 from baskets where basket_id = $1', [basketId])).toEqual([])
})

it('a new price reaches the baskets by its event', async () => {
  await put('bob', 1, 1)
  const { unitPriceMinor, ...fields } = product(1, { priceVersion: 2, unitPriceMinor: 1_999 })
  await basket.deliver({
    type: 'ProductPriceChanged',
    eventId: newId(),
    occurredAt: Date.now(),
    oldPriceMinor: 1_000,
    newPriceMinor: unitPriceMinor,
    ...fields,
  })
  await eventually(async () => {
    const [known] = await basket.database.query('select price_version from products where product_id = $1', [
      productId(1),
    ])
    return known?.price_version === 2
  })
  expect(await checkout('bob')).toMatchObject({ status: 409, body: { prices: [{ unitPrice: { amount: '19.99' } }] } })
  expect(await checkout('bob')).toMatchObject({ status: 202 })
})

it('a basket that is too large for one record is refused, and stays', async () => {
  const many = Array.from({ length: 1_000 }, (_, n) => product(n + 100, { name: '\u{1f528}'.repeat(150) }))
  for (const each of many) await learnProduct(basket.database, each, 'answer')
  const lines = many.map(({ productId: id, priceVersion, unitPriceMinor }, n) => {
    return { lineNo: n + 1, productId: id, quantity: 1, priceVersion, unitPriceMinor }
  })
  await put('carol', 1, 1)
  await basket.database.query('update baskets set lines = $1 where customer_id = $2', [JSON.stringify(lines), 'carol'])
  expect(await checkout('carol')).toMatchObject({ status: 422, body: { code: 'BASKET_TOO_LARGE' } })
  expect((await basket.call('GET', '/v1/basket', as('carol'))).body).toMatchObject({ itemCount: 1_000 })
})

it('a checkout without an answer is shown by the metrics', async () => {
  const text = await (await fetch(`${basket.url}/metrics`)).text()
  expect(text).toMatch(/basket_checkouts_waiting 1\n/)
})
