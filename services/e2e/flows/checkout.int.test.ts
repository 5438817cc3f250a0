import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { aCheckout, aCustomer, aProduct, order, orderIn, testShop } from '../harness/test-shop.ts'
import type { Problem, Product } from '../rest/views.ts'

const shop = testShop()

async function setPrice(product: Product, amount: string): Promise<void> {
  const { headers } = await shop.product(product.id)
  const answer = await shop.as('e2e-staff', 'catalog-admin', {
    method: 'PUT',
    url: `${shop.endpoints.catalog}/v1/products/${product.id}/price`,
    headers: { 'if-match': String(headers.etag) },
    body: { price: { amount, currency: 'EUR' } },
  })
  expect(answer.status).toBe(200)
}

test('a price that changed is a 409 with the new one; the same request again is accepted at that price', async () => {
  const [customer, other] = [aCustomer(), aCustomer()]
  const product = await aProduct(shop, { amount: '10.00' })
  await shop.putItem(customer, product.id, 2)
  await setPrice(product, '11.00')
  // Basket knows the new price once somebody else was told it.
  const told = await shop.putItem(other, product.id, 1)
  expect(told.body.items[0]?.unitPrice).toEqual({ amount: '11.00', currency: 'EUR' })

  const checkout = aCheckout()
  const refused = await shop.checkout(customer, checkout)
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'PRICE_CHANGED', prices: [{ productId: product.id, unitPrice: { amount: '11.00' } }] },
  })
  const accepted = await shop.checkout(customer, checkout)
  expect(accepted.status).toBe(202)
  expect((await shop.accepted(accepted.body.orderId)).body.total.amount).toBe('22.00')
})

test('prices in the request are refused, not believed', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop)
  const answer = await shop.as<Problem>(customer, 'customer', {
    method: 'PUT',
    url: `${shop.endpoints.basket}/v1/basket/items/${product.id}`,
    body: { quantity: 1, unitPrice: { amount: '0.01', currency: 'EUR' } },
  })
  expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
})

test('a checkout repeated under its key, at once or later, is one order', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop)
  await shop.putItem(customer, product.id, 1)
  const checkout = aCheckout()
  const answers = await Promise.all(Array.from({ length: 5 }, () => shop.checkout(customer, checkout)))
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
  const [orderId] = new Set(answers.map(({ body }) => body.orderId))
  expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(1)
  await orderIn(shop, String(orderId), 'Paid')

  const late = await shop.checkout(customer, checkout)
  expect(late).toMatchObject({ status: 202, body: { orderId }, headers: { 'idempotency-replayed': 'true' } })
  expect(await shop.checkout(customer, { ...checkout, country: 'BE' })).toMatchObject({
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' },
  })
  const own = await shop.as<{ items: unknown[] }>(customer, 'customer', {
    method: 'GET',
    url: `${shop.endpoints.ordering}/v1/orders`,
  })
  expect(own.body.items).toHaveLength(1)
})

test("other people's orders, checkouts and payments do not exist", async () => {
  const [owner, mallory] = [aCustomer(), aCustomer()]
  const orderId = await order(shop, owner, { product: await aProduct(shop) })
  await orderIn(shop, orderId, 'Paid')
  const { basket, ordering, payment } = shop.endpoints
  const pages = [
    `${basket}/v1/basket/checkouts/${orderId}`,
    `${ordering}/v1/orders/${orderId}`,
    `${payment}/v1/payments/${orderId}`,
  ]
  for (const url of pages) {
    expect((await shop.as(owner, 'customer', { method: 'GET', url })).status, url).toBe(200)
    const [theirs, nobodys] = await Promise.all([
      shop.as<Problem>(mallory, 'customer', { method: 'GET', url }),
      shop.as<Problem>(mallory, 'customer', { method: 'GET', url: url.replace(orderId, newId()) }),
    ])
    expect(theirs.status, url).toBe(404)
    expect({ ...theirs.body, instance: '' }, 'the same as for an id that nobody has').toEqual({
      ...nobodys.body,
      instance: '',
    })
  }
  expect((await shop.cancel(mallory, orderId)).status).toBe(404)
  expect((await shop.order(orderId)).body.status).toBe('Paid')
})

test('an order seen late by ordering is known to basket at once', async () => {
  const customer = aCustomer()
  const orderId = await order(shop, customer, { product: await aProduct(shop) })
  expect((await shop.accepted(orderId)).status).toBe(200)
  await eventually(async () => (await shop.accepted(orderId)).body.status === 'Started', { withinMs: 30_000 })
})
