import { expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { chargeRows, orderRows } from '../books/rows.ts'
import { aCustomer, aProduct, order, orderIn, testShop } from '../harness/test-shop.ts'
import { cancelReasonOf } from '../rest/views.ts'

const shop = testShop()

const ship = (orderId: string) =>
  shop.as<{ status?: string; code?: string }>('e2e-warehouse', 'warehouse', {
    method: 'POST',
    url: `${shop.endpoints.ordering}/v1/orders/${orderId}/ship`,
    body: { carrier: 'Post', trackingNumber: 'NL-1' },
  })
const analyticsSays = (orderId: string, status: string) =>
  eventually(
    async () => {
      const [row, ...more] = await orderRows(shop.sql, [orderId])
      return more.length === 0 && row?.status === status ? row : undefined
    },
    { withinMs: 60_000, everyMs: 200, what: `order ${orderId} as ${status} in ClickHouse` },
  )

test('an order goes from checkout to Paid, is shipped, and every side tells the same', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop, { stock: 5, amount: '12.50' })
  const orderId = await order(shop, customer, { product, quantity: 2 })
  expect((await shop.accepted(orderId)).body).toMatchObject({
    total: { amount: '25.00', currency: 'EUR' },
    unitCount: 2,
  })

  const paid = await orderIn(shop, orderId, 'Paid')
  expect(paid.timeline.map(({ status }) => status)).toEqual([
    'Submitted',
    'AwaitingValidation',
    'StockConfirmed',
    'Paid',
  ])
  expect(paid.total).toEqual({ amount: '25.00', currency: 'EUR' })
  expect((await shop.payment(orderId)).body).toMatchObject({ status: 'SUCCEEDED', amount: paid.total })
  await eventually(async () => {
    expect((await shop.product(product.id)).body).toMatchObject({ available: 3, reserved: 0, sold: 2 })
    return true
  })
  expect((await shop.cancel(customer, orderId)).status).toBe(409)

  expect(await ship(orderId)).toMatchObject({ status: 200, body: { status: 'Shipped' } })
  expect(await ship(orderId)).toMatchObject({ status: 409, body: { code: 'ORDER_STATUS' } })
  expect(await analyticsSays(orderId, 'Shipped')).toMatchObject({ totalMinor: '2500', unitCount: '2', currency: 'EUR' })
  expect((await shop.basket(customer)).body.items).toEqual([])
})

test('a customer cancels within the grace period: nothing is reserved or charged', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop, { stock: 3 })
  const orderId = await order(shop, customer, { product })
  const answer = await eventually(async () => {
    const cancelled = await shop.cancel(customer, orderId)
    return cancelled.status !== 404 && cancelled
  })
  expect(answer.status).toBe(200)
  const cancelled = await orderIn(shop, orderId, 'Cancelled')
  expect(cancelReasonOf(cancelled)).toBe('CUSTOMER')
  expect((await shop.cancel(customer, orderId)).status).toBe(409)
  await analyticsSays(orderId, 'Cancelled')
  expect((await shop.product(product.id)).body).toMatchObject({ available: 3, reserved: 0, sold: 0 })
  expect(await chargeRows(shop.sql, [orderId])).toEqual([])
})

test('a declined payment cancels the order and gives the stock back', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop, { stock: 3 })
  const orderId = await order(shop, customer, { product, paymentToken: 'tok_declined' })
  const cancelled = await orderIn(shop, orderId, 'Cancelled')
  expect(cancelReasonOf(cancelled)).toBe('PAYMENT')
  expect((await shop.payment(orderId)).body).toMatchObject({ status: 'FAILED' })
  await eventually(async () => {
    expect((await shop.product(product.id)).body).toMatchObject({ available: 3, reserved: 0, sold: 0 })
    return true
  })
})

test('an order for more than there is is cancelled for its stock, and nothing is charged', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop, { stock: 1 })
  const orderId = await order(shop, customer, { product, quantity: 2 })
  const cancelled = await orderIn(shop, orderId, 'Cancelled')
  expect(cancelReasonOf(cancelled)).toBe('STOCK')
  await analyticsSays(orderId, 'Cancelled')
  expect((await shop.product(product.id)).body).toMatchObject({ available: 1, reserved: 0, sold: 0 })
  expect(await chargeRows(shop.sql, [orderId])).toEqual([])
})

test('an unknown payment token is declined, a slow or failing provider is waited for', async () => {
  const product = await aProduct(shop, { stock: 20 })
  const start = (paymentToken: string) => order(shop, aCustomer(), { product, quantity: 1, paymentToken })
  const [unknown, failing, slow] = await Promise.all([start('tok_nobody'), start('tok_error'), start('tok_slow')])
  expect(cancelReasonOf(await orderIn(shop, unknown, 'Cancelled'))).toBe('PAYMENT')
  await orderIn(shop, failing, 'Paid')
  await orderIn(shop, slow, 'Paid')
})
